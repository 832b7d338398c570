import { useState } from 'react';
import type { Node } from '@launchlog/sdk';
import { nodePath } from '../router/route.js';
import { useServices } from '../services.js';
import { useShortcut } from '../shortcut/use-shortcut.js';
import { Button } from '../ui/button.js';
import { ConfirmDialog } from '../ui/confirm-dialog.js';
import { problemText } from '../ui/problem-text.js';
import { missingSecrets } from './missing-secrets.js';
import { SecretsDialog } from './secrets-dialog.js';

type Question = 'none' | 'cancel' | 'terminate';

/** What may be done with the node as it stands. */
export function NodeActions({ node }: { node: Node }) {
  const { client, nodes, url } = useServices();
  const [question, setQuestion] = useState<Question>('none');
  const { busy, act } = useAct();
  const [missing, setMissing] = useState<readonly string[]>();
  const retry = (secrets?: Readonly<Record<string, string>>) =>
    act(async () => {
      try {
        const answer = await client.retryNode(node.id, { secrets });
        nodes.put(answer.node);
        url.go(nodePath(answer.node.id));
      } catch (error) {
        const names = missingSecrets(error);
        if (names === undefined) throw error;
        setMissing(names);
      }
    });
  const ended = node.status === 'failed' || node.status === 'terminated';
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
      {node.status === 'active' && (
        <Button look="danger" disabled={busy} onClick={() => setQuestion('terminate')}>
          Terminate
        </Button>
      )}
      {missing !== undefined && (
        <SecretsDialog names={missing} onRetry={retry} onClose={() => setMissing(undefined)} />
      )}
      <Question
        node={node}
        question={question}
        onClose={() => setQuestion('none')}
        onCancel={() => act(async () => nodes.put(await client.cancelNode(node.id)))}
        onTerminate={() => act(async () => nodes.put(await client.terminateNode(node.id)))}
      />
    </div>
  );
}

/** One action at a time; what goes wrong is said. */
function useAct() {
  const { toasts } = useServices();
  const [busy, setBusy] = useState(false);
  const act = (action: () => Promise<void>) => {
    setBusy(true);
    action()
      .catch((error: unknown) =>
        toasts.show({ tone: 'error', text: `That did not work: ${problemText(error)}` }),
      )
      .finally(() => setBusy(false));
  };
  return { busy, act };
}

interface QuestionProps {
  readonly node: Node;
  readonly question: Question;
  readonly onClose: () => void;
  readonly onCancel: () => void;
  readonly onTerminate: () => void;
}

function Question({ node, question, onClose, onCancel, onTerminate }: QuestionProps) {
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
            <strong className="mono">{node.clusterName}</strong> is stopped where it is, and what it has
            started in the cloud is removed.
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
