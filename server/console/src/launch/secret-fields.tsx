import { useId, useRef } from 'react';
import { Button } from '../ui/button.js';
import type { SecretDraft } from './secret-draft.js';

interface SecretFieldsProps {
  readonly drafts: readonly SecretDraft[];
  readonly problem: string | undefined;
  readonly onChange: (drafts: readonly SecretDraft[]) => void;
}

/** Secret environment variables of the model server. The browser sends them once and stores them nowhere. */
export function SecretFields({ drafts, problem, onChange }: SecretFieldsProps) {
  const noteId = useId();
  const nextId = useRef(1);
  const add = () => {
    onChange([...drafts, { id: nextId.current, name: '', value: '' }]);
    nextId.current += 1;
  };
  const change = (id: number, patch: Partial<SecretDraft>) =>
    onChange(drafts.map((draft) => (draft.id === id ? { ...draft, ...patch } : draft)));
  return (
    <details className="more">
      <summary>Secrets</summary>
      <div className="secrets">
        <p id={noteId} className={problem === undefined ? 'field-note' : 'field-note problem'}>
          {problem ??
            'For the model server, such as HF_TOKEN. Masked in every log and deleted when the launch ends.'}
        </p>
        {drafts.map((draft, index) => (
          <SecretRow
            key={draft.id}
            draft={draft}
            label={`Secret ${index + 1}`}
            noteId={noteId}
            invalid={problem !== undefined}
            onChange={(patch) => change(draft.id, patch)}
            onRemove={() => onChange(drafts.filter((other) => other.id !== draft.id))}
          />
        ))}
        <Button icon="plus" onClick={add}>
          Add a secret
        </Button>
      </div>
    </details>
  );
}

interface SecretRowProps {
  readonly draft: SecretDraft;
  readonly label: string;
  /** The element that describes the fields. */
  readonly noteId: string;
  readonly invalid: boolean;
  readonly onChange: (patch: Partial<SecretDraft>) => void;
  readonly onRemove: () => void;
}

function SecretRow({ draft, label, noteId, invalid, onChange, onRemove }: SecretRowProps) {
  return (
    <div className="secret" role="group" aria-label={label}>
      <input
        type="text"
        className="mono"
        aria-label="Name"
        placeholder="HF_TOKEN"
        value={draft.name}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        aria-invalid={invalid}
        aria-describedby={noteId}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      <input
        type="password"
        aria-label="Value"
        value={draft.value}
        autoComplete="new-password"
        aria-describedby={noteId}
        onChange={(event) => onChange({ value: event.target.value })}
      />
      <Button look="quiet" icon="close" label="Remove this secret" onClick={onRemove} />
    </div>
  );
}
