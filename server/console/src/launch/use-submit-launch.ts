import { useRef, useState } from 'react';
import { useNodesStore } from '../node/nodes-store.js';
import { useOpenDialog } from '../router/open-dialog.js';
import { nodePath } from '../router/route.js';
import { useUrl } from '../router/url-store.js';
import { problemText } from '../ui/problem-text.js';
import type { LaunchForm } from './launch-form.js';
import type { LaunchTask } from './launch-task.js';
import type { SecretDraft } from './secret-draft.js';
import { readSecretDrafts } from './secret-draft.js';

/** Sends the form, and opens the page of the new node. */
export function useSubmitLaunch(task: LaunchTask, onClose: () => void) {
  const nodes = useNodesStore();
  const url = useUrl();
  const dialog = useOpenDialog();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  // One key for each content of the form: pressing the button repeatedly launches one node, a corrected form another one.
  const sent = useRef({ content: '', idempotencyKey: '' });
  const submit = (form: LaunchForm, drafts: readonly SecretDraft[]) => {
    const secret = readSecretDrafts(drafts);
    if (!secret.ok) return;
    const content = JSON.stringify([form, secret.secrets]);
    if (sent.current.content !== content) sent.current = { content, idempotencyKey: newIdempotencyKey() };
    setBusy(true);
    setProblem(undefined);
    task
      .send({ form, secrets: secret.secrets, idempotencyKey: sent.current.idempotencyKey })
      .then(({ node, endpointKey }) => {
        nodes.put(node);
        onClose();
        url.go(nodePath(node.id));
        if (endpointKey !== undefined) dialog.set({ endpointKey });
      })
      .catch((error: unknown) => setProblem(`Not launched: ${problemText(error)}`))
      .finally(() => setBusy(false));
  };
  return { submit, busy, problem };
}

function newIdempotencyKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
