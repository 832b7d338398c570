import { useShortcut } from '../shortcut/use-shortcut.js';
import { TIME_STYLES } from '../time/format-time.js';
import type { TimeStyle } from '../time/format-time.js';
import { Button } from '../ui/button.js';
import { Choice } from '../ui/choice.js';
import { useStore } from '../state/store.js';
import { useLogPreferences } from './line/log-preferences.js';

const TIME_STYLE_LABELS: Readonly<Record<TimeStyle, string>> = {
  absolute: 'Local time',
  utc: 'UTC',
  relative: 'Time ago',
  start: 'Since start',
};

/** How lines look. The choice also applies to other logs. */
export function LogViewMenu() {
  const logPreferences = useLogPreferences();
  const preferences = useStore(logPreferences.store);
  const { timeStyle, wrap } = preferences;
  const toggleWrap = () => logPreferences.set({ ...preferences, wrap: !wrap });
  const setTime = (next: TimeStyle | undefined) =>
    logPreferences.set({ ...preferences, timeStyle: next ?? 'absolute' });
  useShortcut({ keys: 'w', label: 'Wrap long lines', group: 'Log', run: toggleWrap });
  useShortcut({
    keys: 't',
    label: 'Change the timestamp format',
    group: 'Log',
    run: () => setTime(TIME_STYLES[(TIME_STYLES.indexOf(timeStyle) + 1) % TIME_STYLES.length]),
  });
  return (
    <>
      <Choice
        label="Timestamps"
        value={timeStyle}
        values={TIME_STYLES}
        labels={TIME_STYLE_LABELS}
        onChange={setTime}
      />
      <Button look="quiet" icon="wrap" label="Wrap long lines (W)" aria-pressed={wrap} onClick={toggleWrap} />
    </>
  );
}
