import type { FormEvent } from 'react';
import { useId, useState } from 'react';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';

interface SecretsDialogProps {
  readonly names: readonly string[];
  readonly onRetry: (secrets: Readonly<Record<string, string>>) => void;
  readonly onClose: () => void;
}

/** Asks again for the secrets of a launch: the server deleted them when the launch ended. */
export function SecretsDialog({ names, onRetry, onClose }: SecretsDialogProps) {
  const id = useId();
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const complete = names.every((name) => (values[name] ?? '') !== '');
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!complete) return;
    onClose();
    onRetry(values);
  };
  return (
    <Dialog title="Secrets of this launch" onClose={onClose}>
      <form onSubmit={onSubmit} noValidate>
        <div className="dialog-body">
          <p>Secrets are deleted when a launch ends. Enter them again to retry.</p>
          {names.map((name, index) => (
            <div key={name} className="field">
              <label htmlFor={`${id}-${name}`} className="mono">
                {name}
              </label>
              <input
                id={`${id}-${name}`}
                type="password"
                autoComplete="new-password"
                data-autofocus={index === 0}
                value={values[name] ?? ''}
                onChange={(event) => setValues({ ...values, [name]: event.target.value })}
              />
            </div>
          ))}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look="primary" icon="retry" disabled={!complete}>
            Retry
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
