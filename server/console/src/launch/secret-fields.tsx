import { useId, useRef } from 'react';
import { Button } from '../ui/button.js';
import type { SecretDraft } from './secret-draft.js';

interface SecretFieldsProps {
  readonly drafts: readonly SecretDraft[];
  readonly problem: string | undefined;
  readonly onChange: (drafts: readonly SecretDraft[]) => void;
}

/** Environment of the model server that nobody may read: sent once, remembered nowhere. */
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
    <details className="more" open={problem === undefined ? undefined : true}>
      <summary>Secrets</summary>
      <div className="secrets">
        <p id={noteId} className={problem === undefined ? 'field-note' : 'field-note problem'}>
          {problem ?? 'For the model server, such as HF_TOKEN. Masked in every log and not remembered.'}
        </p>
        {drafts.map((draft, index) => (
          <div key={draft.id} className="secret" role="group" aria-label={`Secret ${index + 1}`}>
            <input
              type="text"
              className="mono"
              aria-label="Name"
              placeholder="HF_TOKEN"
              value={draft.name}
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              aria-invalid={problem !== undefined}
              aria-describedby={noteId}
              onChange={(event) => change(draft.id, { name: event.target.value })}
            />
            <input
              type="password"
              aria-label="Value"
              value={draft.value}
              autoComplete="new-password"
              aria-describedby={noteId}
              onChange={(event) => change(draft.id, { value: event.target.value })}
            />
            <Button
              look="quiet"
              icon="close"
              label="Remove this secret"
              onClick={() => onChange(drafts.filter((other) => other.id !== draft.id))}
            />
          </div>
        ))}
        <Button icon="plus" onClick={add}>
          Add a secret
        </Button>
      </div>
    </details>
  );
}
