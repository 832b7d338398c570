import { Dialog } from '../ui/dialog.js';
import { useStore } from '../state/store.js';
import { useShortcuts } from './shortcut-map.js';

export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const shortcuts = useShortcuts();
  const registered = useStore(shortcuts.store);
  const enabled = useStore(shortcuts.enabled.store);
  const groups = [...new Set(registered.map((shortcut) => shortcut.group))];
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <div className="dialog-body shortcut-groups">
        {groups.map((group) => (
          <section key={group} aria-label={group}>
            <h3>{group}</h3>
            <dl>
              {registered
                .filter((shortcut) => shortcut.group === group)
                .map((shortcut) => (
                  <div key={shortcut.keys}>
                    <dt>{shortcut.label}</dt>
                    <dd>
                      {shortcut.keys.split(' ').map((key) => (
                        <kbd key={key}>{/^[A-Z]$/.test(key) ? `Shift ${key}` : key}</kbd>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
      <footer className="dialog-foot">
        <label className="check">
          <input
            type="checkbox"
            checked={enabled}
            onChange={(event) => shortcuts.enabled.set(event.target.checked)}
          />
          Single-key shortcuts
        </label>
      </footer>
    </Dialog>
  );
}
