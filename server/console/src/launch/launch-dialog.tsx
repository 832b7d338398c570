import type { FormEvent } from 'react';
import { useRef, useState } from 'react';
import { useSimulated } from '../node/use-simulated.js';
import { nodePath } from '../router/route.js';
import { useServices } from '../shell/services.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { LaunchFields } from './launch-fields.js';
import type { LaunchForm, LaunchFormErrors } from './launch-form.js';
import { readLaunchForm } from './launch-form.js';

export function LaunchDialog({ onClose }: { onClose: () => void }) {
  const { lastLaunch } = useServices();
  const simulated = useSimulated();
  const [form, setForm] = useState<LaunchForm>(() => lastLaunch.store.state);
  const [errors, setErrors] = useState<LaunchFormErrors>({});
  const { submit, busy, problem } = useSubmit(onClose);
  const element = useRef<HTMLFormElement>(null);
  const change = (patch: Partial<LaunchForm>) => {
    const next = { ...form, ...patch };
    setForm(next);
    // Once told what is wrong, the reader sees at once that it is right now.
    if (Object.keys(errors).length > 0) setErrors(errorsOf(next));
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const sent = simulated ? form : { ...form, simulatorScenario: '' };
    setErrors(errorsOf(sent));
    if (Object.keys(errorsOf(sent)).length === 0) submit(sent);
    else
      requestAnimationFrame(() =>
        element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
      );
  };
  return (
    <Dialog title="Launch a node" onClose={onClose} wide>
      <form ref={element} onSubmit={onSubmit} noValidate>
        <div className="dialog-body">
          <LaunchFields form={form} errors={errors} simulated={simulated} onChange={change} />
          {problem !== undefined && (
            <p className="problem" role="alert">
              {problem}
            </p>
          )}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look="primary" disabled={busy}>
            {busy ? 'Launching…' : 'Launch'}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

function errorsOf(form: LaunchForm): LaunchFormErrors {
  const result = readLaunchForm(form);
  return result.ok ? {} : result.errors;
}

function useSubmit(onClose: () => void) {
  const { client, nodes, url, lastLaunch } = useServices();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  // One key an opened form: however often the button is pressed, one node is launched.
  const [idempotencyKey] = useState(() => crypto.getRandomValues(new Uint32Array(4)).join('-'));
  const submit = (form: LaunchForm) => {
    const result = readLaunchForm(form);
    if (!result.ok) return;
    setBusy(true);
    setProblem(undefined);
    lastLaunch.set(form);
    client
      .launch(result.request, { idempotencyKey: `${idempotencyKey}-${fingerprint(form)}` })
      .then(({ node }) => {
        nodes.put(node);
        onClose();
        url.go(nodePath(node.id));
      })
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)))
      .finally(() => setBusy(false));
  };
  return { submit, busy, problem };
}

/** A corrected form is another request and must not be taken for the first one. */
function fingerprint(form: LaunchForm): string {
  let hash = 0;
  for (const character of JSON.stringify(form)) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash.toString(36);
}
