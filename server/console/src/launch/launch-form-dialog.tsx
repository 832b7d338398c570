import type { FormEvent } from 'react';
import { useRef } from 'react';
import { CopyLaunchButtons } from '../request/copy-launch-buttons.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { Menu } from '../ui/menu.js';
import { LaunchSummary } from './estimate/launch-summary.js';
import { LaunchFields } from './launch-fields.js';
import type { LaunchForm } from './launch-form.js';
import type { LaunchTask } from './launch-task.js';
import { SecretFields } from './secret-fields.js';
import { useLaunchForm } from './use-launch-form.js';
import { useSecretDrafts } from './use-secret-drafts.js';
import { useSubmitLaunch } from './use-submit-launch.js';

interface LaunchFormDialogProps {
  readonly task: LaunchTask;
  readonly onClose: () => void;
}

export function LaunchFormDialog({ task, onClose }: LaunchFormDialogProps) {
  const { form, sent, errors, simulated, known, request, state, change, check } = useLaunchForm(task);
  const secrets = useSecretDrafts(task.secretNames);
  const { submit, busy, problem } = useSubmitLaunch(task, onClose);
  const element = useRef<HTMLFormElement>(null);
  const checkAll = (): boolean => {
    const results = [check(), secrets.check()];
    const valid = !results.includes(false);
    if (!valid) requestAnimationFrame(() => showInvalidFields(element.current));
    return valid;
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (checkAll()) submit(sent, secrets.drafts);
  };
  return (
    <Dialog title={task.title} onClose={onClose} wide>
      <form ref={element} onSubmit={onSubmit} noValidate>
        <div className="dialog-body">
          <LaunchFields form={form} errors={errors} simulated={simulated} known={known} onChange={change} />
          {task.note !== undefined && <p className="field-note">{task.note}</p>}
          <SecretFields drafts={secrets.drafts} problem={secrets.problem} onChange={secrets.change} />
          <LaunchSummary request={request} state={state} />
          {problem !== undefined && (
            <p className="problem" role="alert">
              {problem}
            </p>
          )}
        </div>
        <footer className="dialog-foot">
          <CopyMenu task={task} form={sent} secretNames={secrets.names} onFault={checkAll} />
          <span className="spacer" />
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look="primary" disabled={busy}>
            {busy ? 'Launching…' : task.action}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

interface CopyMenuProps {
  readonly task: LaunchTask;
  readonly form: LaunchForm;
  readonly secretNames: readonly string[];
  /** Shows what is wrong with the form. */
  readonly onFault: () => void;
}

function CopyMenu({ task, form, secretNames, onFault }: CopyMenuProps) {
  return (
    <Menu label="Copy as" upwards>
      <CopyLaunchButtons
        launched={() => {
          const result = task.read(form);
          if (result.ok) return Promise.resolve({ request: result.request, secretNames: [...secretNames] });
          onFault();
          return Promise.reject(new Error('correct the marked fields first'));
        }}
      />
    </Menu>
  );
}

/** Focuses the first invalid field and opens the sections that hide any: an error out of sight would explain nothing. */
function showInvalidFields(form: HTMLFormElement | null): void {
  const fields = form?.querySelectorAll<HTMLElement>('[aria-invalid="true"]') ?? [];
  for (const field of fields) field.closest('details')?.setAttribute('open', '');
  fields[0]?.focus();
}
