import { PROVIDERS } from '@launchlog/shared/launch-request';
import { useId } from 'react';
import { Button } from '../ui/button.js';
import type { AlternativeDraft } from './alternative-draft.js';
import { alternativeDraftSchema, EMPTY_ALTERNATIVE } from './alternative-draft.js';
import type { LaunchFieldsProps } from './launch-form.js';

/** Machines of which any will do. */
export function AlternativeFields({ form, errors, onChange }: LaunchFieldsProps) {
  const noteId = useId();
  const error = errors.anyOf;
  const drafts = form.anyOf;
  const put = (anyOf: AlternativeDraft[]) => onChange({ anyOf });
  // The first one is the machine of the form, which would do as well.
  const add = () => put([...(drafts.length === 0 ? [EMPTY_ALTERNATIVE] : drafts), EMPTY_ALTERNATIVE]);
  return (
    <details className="more" open={drafts.length > 0}>
      <summary>Alternatives</summary>
      <div className="secrets">
        <p id={noteId} className={error === undefined ? 'field-note' : 'field-note problem'}>
          {error ??
            'Any of these machines will do, and the cheapest is tried first. What is empty is as above.'}
        </p>
        {drafts.map((draft, index) => (
          <AlternativeRow
            key={index}
            draft={draft}
            label={`Machine ${index + 1}`}
            noteId={noteId}
            invalid={error?.startsWith(`Machine ${index + 1}:`) === true}
            onChange={(patch) =>
              put(drafts.map((other, place) => (place === index ? { ...other, ...patch } : other)))
            }
            onRemove={() => put(drafts.filter((_, place) => place !== index))}
          />
        ))}
        <Button icon="plus" onClick={add}>
          Add a machine
        </Button>
      </div>
    </details>
  );
}

interface AlternativeRowProps {
  readonly draft: AlternativeDraft;
  readonly label: string;
  /** The element that describes the fields. */
  readonly noteId: string;
  readonly invalid: boolean;
  readonly onChange: (patch: Partial<AlternativeDraft>) => void;
  readonly onRemove: () => void;
}

function AlternativeRow({ draft, label, noteId, invalid, onChange, onRemove }: AlternativeRowProps) {
  const described = { 'aria-invalid': invalid, 'aria-describedby': noteId };
  const typed = (name: 'region' | 'gpu' | 'count') => ({
    type: 'text',
    autoComplete: 'off',
    spellCheck: false,
    value: draft[name],
    onChange: (event: { target: { value: string } }) => onChange({ [name]: event.target.value }),
    ...described,
  });
  return (
    <div className="alternative" role="group" aria-label={label}>
      <select
        className="select"
        aria-label="Provider"
        value={draft.provider}
        onChange={(event) => onChange({ provider: event.target.value })}
        {...described}
      >
        <option value="">Provider</option>
        {PROVIDERS.map((provider) => (
          <option key={provider}>{provider}</option>
        ))}
      </select>
      <input aria-label="Region" placeholder="Region" {...typed('region')} />
      <input aria-label="GPU" placeholder="GPU" {...typed('gpu')} />
      <input aria-label="Number of GPUs" placeholder="Number" inputMode="numeric" {...typed('count')} />
      <select
        className="select"
        aria-label="Spot"
        value={draft.spot}
        onChange={(event) => onChange({ spot: alternativeDraftSchema.shape.spot.parse(event.target.value) })}
        {...described}
      >
        <option value="">Spot</option>
        <option>spot</option>
        <option>on demand</option>
      </select>
      <Button look="quiet" icon="close" label="Remove this machine" onClick={onRemove} />
    </div>
  );
}
