import type { KeyboardEvent } from 'react';
import { useEffect, useId, useRef, useState } from 'react';
import { Dialog } from '../../ui/dialog.js';
import type { PaletteEntry } from './palette-entry.js';
import { usePaletteEntries } from './use-palette-entries.js';

/** Finds nodes, deployments, pages and actions by their names. */
export function CommandPalette({ onClose }: { onClose: () => void }) {
  const id = useId();
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const entries = usePaletteEntries(typed);
  const at = Math.min(chosen, entries.length - 1);
  const run = (entry: PaletteEntry | undefined) => {
    if (entry === undefined) return;
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault();
      run(entries[at]);
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setChosen((at + step + entries.length) % Math.max(1, entries.length));
  };
  return (
    <Dialog title="Find a node, a deployment, a page or an action" onClose={onClose} wide>
      <div className="palette">
        <input
          type="text"
          role="combobox"
          aria-label="Name"
          aria-expanded={entries.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={at < 0 ? undefined : `${id}-${at}`}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          data-autofocus
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
        <Found id={id} entries={entries} at={at} onRun={run} />
        {entries.length === 0 && <p className="muted">Nothing has this name.</p>}
      </div>
    </Dialog>
  );
}

interface FoundProps {
  readonly id: string;
  readonly entries: readonly PaletteEntry[];
  /** The index of the chosen entry. */
  readonly at: number;
  readonly onRun: (entry: PaletteEntry) => void;
}

function Found({ id, entries, at, onRun }: FoundProps) {
  return (
    <ul id={`${id}-list`} role="listbox" aria-label="Found">
      {entries.map((entry, index) => (
        <Option
          key={entry.id}
          id={`${id}-${index}`}
          entry={entry}
          isChosen={index === at}
          onRun={() => onRun(entry)}
        />
      ))}
    </ul>
  );
}

interface OptionProps {
  readonly id: string;
  readonly entry: PaletteEntry;
  readonly isChosen: boolean;
  readonly onRun: () => void;
}

function Option({ id, entry, isChosen, onRun }: OptionProps) {
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) element.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  return (
    <li ref={element} id={id} role="option" aria-selected={isChosen} onClick={onRun}>
      <span className="palette-kind">{entry.kind}</span>
      <span className={entry.kind === 'Node' ? 'mono' : undefined}>{entry.label}</span>
      <span className="muted">{entry.note}</span>
    </li>
  );
}
