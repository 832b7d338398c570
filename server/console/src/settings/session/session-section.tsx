import type { Session } from '@launchlog/sdk';
import { useCallback, useState } from 'react';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { LoadFault } from '../load-fault.js';
import { useChange } from '../use-change.js';
import { useLoaded } from '../use-loaded.js';
import { SessionTable } from './session-table.js';

/** Who is signed in, and from where. */
export function SessionSection() {
  const client = useLaunchlogClient();
  const read = useCallback((signal: AbortSignal) => client.sessions.list({}, { signal }), [client]);
  const loaded = useLoaded(read);
  const { value, problem, reload } = loaded;
  const { busy, change } = useChange();
  const [ended, setEnded] = useState<Session>();
  return (
    <>
      <p className="muted">
        Browsers and command lines that are signed in. Without the scope admin, you see your own.
      </p>
      <LoadFault what="sessions" loaded={loaded} />
      {(value !== undefined || problem === undefined) && (
        <SessionTable sessions={value} busy={busy} onEnd={setEnded} />
      )}
      <EndQuestion
        session={ended}
        onClose={() => setEnded(undefined)}
        onEnd={({ id }) => change(() => client.sessions.end(id).then(reload))}
      />
    </>
  );
}

interface EndQuestionProps {
  readonly session: Session | undefined;
  readonly onEnd: (session: Session) => void;
  readonly onClose: () => void;
}

function EndQuestion({ session, onEnd, onClose }: EndQuestionProps) {
  if (session === undefined) return undefined;
  const isOwn = session.current ? ' This is the session of this page.' : '';
  return (
    <ConfirmDialog
      title="End this session?"
      action="Sign out"
      onClose={onClose}
      onConfirm={() => onEnd(session)}
    >
      <p>
        <strong>{session.name}</strong> is signed out at once, on all servers.{isOwn}
      </p>
    </ConfirmDialog>
  );
}
