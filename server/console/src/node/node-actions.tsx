import { useState } from 'react';
import type { Node } from '@launchlog/sdk';
import { useOpenDialog } from '../router/open-dialog.js';
import { nodePath } from '../router/route.js';
import { useUrl } from '../router/url-store.js';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { useShortcut } from '../shortcut/use-shortcut.js';
import { useToasts } from '../toast/toast-store.js';
import { Button } from '../ui/button.js';
import { ConfirmDialog } from '../ui/confirm-dialog.js';
import { problemText } from '../ui/problem-text.js';
import { missingSecrets } from './missing-secrets.js';
import { useNodesStore } from './nodes-store.js';
import { SecretsDialog } from './secrets-dialog.js';

type Question = 'none' | 'cancel' | 'terminate';

/** The buttons for what can be done with a node in its current status. */
export function NodeActions({ node }: { node: Node }) {
  const client = useLaunchlogClient();
  const nodes = useNodesStore();
  const dialog = useOpenDialog();
  const [question, setQuestion] = useState<Question>('none');
  const { busy, act } = useAction();
  const { retry, missing, dismiss } = useRetry(node, act);
  const ended = node.status === 'failed' || node.status === 'terminated' || node.status === 'lost';
  useShortcut({ keys: 'r', label: 'Retry the launch', group: 'Node', run: () => ended && !busy && retry() });
  return (
    <div className="actions">
      {node.status === 'launching' && (
        <Button icon="stop" disabled={busy} onClick={() => setQuestion('cancel')}>
          Cancel launch
        </Button>
      )}
      {ended && (
        <Button icon="retry" look="primary" disabled={busy} onClick={() => retry()}>
          Retry
        </Button>
      )}
      {ended && (
        <Button disabled={busy} onClick={() => dialog.set({ how: 'retry', ...launchOf(node) })}>
          Retry with changes…
        </Button>
      )}
      {node.status === 'active' && (
        <Button look="danger" disabled={busy} onClick={() => setQuestion('terminate')}>
          Terminate
        </Button>
      )}
      {missing !== undefined && <SecretsDialog names={missing} onRetry={retry} onClose={dismiss} />}
      <QuestionDialog
        node={node}
        question={question}
        onClose={() => setQuestion('none')}
        onCancel={() => act(async () => nodes.put(await client.cancelNode(node.id)))}
        onTerminate={() => act(async () => nodes.put(await client.terminateNode(node.id)))}
      />
    </div>
  );
}

function launchOf({ id, clusterName }: Node) {
  return { nodeId: id, clusterName };
}

type Act = (action: () => Promise<void>) => void;

/** Runs one action at a time and shows an error if it fails. */
function useAction(): { readonly busy: boolean; readonly act: Act } {
  const toasts = useToasts();
  const [busy, setBusy] = useState(false);
  const act: Act = (action) => {
    setBusy(true);
    action()
      .catch((error: unknown) =>
        toasts.show({ tone: 'error', text: `That did not work: ${problemText(error)}` }),
      )
      .finally(() => setBusy(false));
  };
  return { busy, act };
}

/** Retries the launch and opens the new node. `missing` names the secrets that the server asks for first. */
function useRetry(node: Node, act: Act) {
  const client = useLaunchlogClient();
  const nodes = useNodesStore();
  const url = useUrl();
  const dialog = useOpenDialog();
  const [missing, setMissing] = useState<readonly string[]>();
  const retry = (secrets?: Readonly<Record<string, string>>) =>
    act(async () => {
      try {
        const answer = await client.retryNode(node.id, { secrets });
        nodes.put(answer.node);
        url.go(nodePath(answer.node.id));
        if (answer.endpointKey !== undefined) dialog.set({ endpointKey: answer.endpointKey });
      } catch (error) {
        const names = missingSecrets(error);
        if (names === undefined) throw error;
        setMissing(names);
      }
    });
  return { retry, missing, dismiss: () => setMissing(undefined) };
}

interface QuestionDialogProps {
  readonly node: Node;
  readonly question: Question;
  readonly onClose: () => void;
  readonly onCancel: () => void;
  readonly onTerminate: () => void;
}

function QuestionDialog({ node, question, onClose, onCancel, onTerminate }: QuestionDialogProps) {
  switch (question) {
    case 'none':
      return undefined;
    case 'cancel':
      return (
        <ConfirmDialog
          title="Cancel this launch?"
          action="Cancel launch"
          onConfirm={onCancel}
          onClose={onClose}
        >
          <p>
            <strong className="mono">{node.clusterName}</strong> stops launching, and any cloud resources it
            has started are removed.
          </p>
        </ConfirmDialog>
      );
    case 'terminate':
      return (
        <ConfirmDialog
          title="Terminate this node?"
          action="Terminate"
          onConfirm={onTerminate}
          onClose={onClose}
        >
          <p>
            <strong className="mono">{node.clusterName}</strong> stops serving {node.modelName} and its
            instance is deleted.
          </p>
        </ConfirmDialog>
      );
  }
}
