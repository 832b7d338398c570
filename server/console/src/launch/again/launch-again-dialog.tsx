import type { LaunchedRequest } from '@launchlog/shared/launch-changes';
import { useEffect, useMemo, useState } from 'react';
import type { LaunchAgain } from '../../router/open-dialog.js';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { useSession } from '../../session/session-store.js';
import { Dialog } from '../../ui/dialog.js';
import { problemText } from '../../ui/problem-text.js';
import { LaunchFormDialog } from '../launch-form-dialog.js';
import type { LaunchTask } from '../launch-task.js';
import { formOf, keptFields, readChangedForm } from './changed-form.js';

interface LaunchAgainDialogProps {
  readonly again: LaunchAgain;
  readonly onClose: () => void;
}

/** The launch of a node once more: the form begins with what was asked for then. */
export function LaunchAgainDialog({ again, onClose }: LaunchAgainDialogProps) {
  const { launched, problem } = useLaunched(again.nodeId);
  const task = useTask(again, launched);
  if (task !== undefined) return <LaunchFormDialog task={task} onClose={onClose} />;
  return (
    <Dialog title={titleOf(again)} onClose={onClose} wide>
      <div className="dialog-body" aria-busy={problem === undefined}>
        {problem === undefined ? (
          <p className="muted">Reading what was asked for…</p>
        ) : (
          <p className="problem" role="alert">
            {problem}
          </p>
        )}
      </div>
    </Dialog>
  );
}

function useLaunched(nodeId: string) {
  const client = useLaunchlogClient();
  const session = useSession();
  const [launched, setLaunched] = useState<LaunchedRequest>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const leaving = new AbortController();
    client.nodes.request(nodeId, { signal: leaving.signal }).then(setLaunched, (error: unknown) => {
      if (leaving.signal.aborted) return;
      session.noticeRefusal(error);
      setProblem(`What was asked for cannot be read: ${problemText(error)}`);
    });
    return () => leaving.abort();
  }, [client, session, nodeId]);
  return { launched, problem };
}

function useTask(again: LaunchAgain, launched: LaunchedRequest | undefined): LaunchTask | undefined {
  const client = useLaunchlogClient();
  return useMemo(() => {
    if (launched === undefined) return undefined;
    const { request, secretNames } = launched;
    const kept = keptFields(request);
    return {
      title: titleOf(again),
      action: again.how === 'retry' ? 'Retry' : 'Launch',
      initial: formOf(request),
      secretNames,
      note: kept.length === 0 ? undefined : `As in the first launch: ${kept.join(', ')}.`,
      read: (form) => readChangedForm(form, request),
      send: async ({ form, secrets, idempotencyKey }) => {
        const result = readChangedForm(form, request);
        if (!result.ok) throw new Error('a field is wrong');
        if (again.how === 'retry')
          return client.nodes.retry(again.nodeId, { changes: result.changes, secrets, idempotencyKey });
        return client.launch({ ...result.request, secrets }, { idempotencyKey });
      },
    };
  }, [client, again, launched]);
}

function titleOf({ how, clusterName }: LaunchAgain): string {
  return how === 'retry' ? `Retry ${clusterName} with changes` : `Duplicate ${clusterName}`;
}
