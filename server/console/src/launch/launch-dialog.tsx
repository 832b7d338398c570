import type { FormEvent } from 'react';
import { useRef, useState } from 'react';
import { useNodes } from '../node/nodes-store.js';
import { nodePath } from '../router/route.js';
import { useUrl } from '../router/url-store.js';
import { useClient } from '../session/client.js';
import type { Rights } from '../session/rights.js';
import { useRights } from '../session/session-store.js';
import { useSimulated } from '../node/use-simulated.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';
import { problemText } from '../ui/problem-text.js';
import { LaunchFields } from './launch-fields.js';
import type { LaunchForm, LaunchFormErrors } from './launch-form.js';
import { readLaunchForm, useLastLaunch } from './launch-form.js';
import type { SecretDraft } from './secret-draft.js';
import { readSecretDrafts } from './secret-draft.js';
import { SecretFields } from './secret-fields.js';

export function LaunchDialog({ onClose }: { onClose: () => void }) {
  const lastLaunch = useLastLaunch();
  const simulated = useSimulated();
  const rights = useRights();
  const [form, setForm] = useState<LaunchForm>(() => withinRights(lastLaunch.store.state, rights));
  const [errors, setErrors] = useState<LaunchFormErrors>({});
  const secrets = useSecrets();
  const { submit, busy, problem } = useSubmit(onClose);
  const element = useRef<HTMLFormElement>(null);
  const change = (patch: Partial<LaunchForm>) => {
    const next = { ...form, ...patch };
    setForm(next);
    // After a failed submission, errors update as the reader types.
    if (Object.keys(errors).length > 0) setErrors(errorsOf(next));
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const sent = simulated ? form : { ...form, simulatorScenario: '' };
    setErrors(errorsOf(sent));
    const secretsValid = secrets.check();
    if (Object.keys(errorsOf(sent)).length === 0 && secretsValid) submit(sent, secrets.drafts);
    else requestAnimationFrame(() => showInvalidFields(element.current));
  };
  return (
    <Dialog title="Launch a node" onClose={onClose} wide>
      <form ref={element} onSubmit={onSubmit} noValidate>
        <div className="dialog-body">
          <LaunchFields form={form} errors={errors} simulated={simulated} onChange={change} />
          <SecretFields drafts={secrets.drafts} problem={secrets.problem} onChange={secrets.change} />
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

/** Focuses the first invalid field and opens the sections that hide any: an error out of sight would explain nothing. */
function showInvalidFields(form: HTMLFormElement | null): void {
  const fields = form?.querySelectorAll<HTMLElement>('[aria-invalid="true"]') ?? [];
  for (const field of fields) field.closest('details')?.setAttribute('open', '');
  fields[0]?.focus();
}

/** Presets the deployment and tenant to which the token is bound. */
function withinRights(form: LaunchForm, { deploymentId, tenantId }: Rights): LaunchForm {
  return {
    ...form,
    deploymentId: deploymentId ?? form.deploymentId,
    tenantId: tenantId ?? form.tenantId,
  };
}

function errorsOf(form: LaunchForm): LaunchFormErrors {
  const result = readLaunchForm(form);
  return result.ok ? {} : result.errors;
}

/** The secrets of the form. After a failed check, the problem updates as the reader types. */
function useSecrets() {
  const [drafts, setDrafts] = useState<readonly SecretDraft[]>([]);
  const [problem, setProblem] = useState<string>();
  const change = (next: readonly SecretDraft[]) => {
    setDrafts(next);
    if (problem !== undefined) setProblem(problemOf(next));
  };
  const check = () => {
    setProblem(problemOf(drafts));
    return problemOf(drafts) === undefined;
  };
  return { drafts, problem, change, check };
}

function problemOf(drafts: readonly SecretDraft[]): string | undefined {
  const result = readSecretDrafts(drafts);
  return result.ok ? undefined : result.problem;
}

function useSubmit(onClose: () => void) {
  const client = useClient();
  const nodes = useNodes();
  const url = useUrl();
  const lastLaunch = useLastLaunch();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  // One key for each content of the form: pressing the button repeatedly launches one node, a corrected form another one.
  const sent = useRef({ content: '', idempotencyKey: '' });
  const submit = (form: LaunchForm, drafts: readonly SecretDraft[]) => {
    const result = readLaunchForm(form);
    const secret = readSecretDrafts(drafts);
    if (!result.ok || !secret.ok) return;
    const content = JSON.stringify([result.request, secret.secrets]);
    if (sent.current.content !== content) sent.current = { content, idempotencyKey: newIdempotencyKey() };
    setBusy(true);
    setProblem(undefined);
    lastLaunch.set(form);
    client
      .launch(
        { ...result.request, ...(secret.secrets === undefined ? {} : { secrets: secret.secrets }) },
        { idempotencyKey: sent.current.idempotencyKey },
      )
      .then(({ node }) => {
        nodes.put(node);
        onClose();
        url.go(nodePath(node.id));
      })
      .catch((error: unknown) => setProblem(`Not launched: ${problemText(error)}`))
      .finally(() => setBusy(false));
  };
  return { submit, busy, problem };
}

function newIdempotencyKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
