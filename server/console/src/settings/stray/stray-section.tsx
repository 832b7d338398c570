import type { Stray } from '@launchlog/sdk';
import { useCallback, useState } from 'react';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { LoadFault } from '../load-fault.js';
import { useChange } from '../use-change.js';
import { useLoaded } from '../use-loaded.js';
import { StrayTable } from './stray-table.js';

/** The server looks every two minutes; a removal shows its state meanwhile. */
const READ_EVERY_MS = 10_000;

/** Clusters that no node accounts for, and active nodes whose cluster is gone. */
export function StraySection() {
  const client = useLaunchlogClient();
  const loaded = useLoaded(
    useCallback((signal: AbortSignal) => client.strays.list({ signal }), [client]),
    READ_EVERY_MS,
  );
  const { value, problem, reload } = loaded;
  const { busy, change } = useChange();
  const [removed, setRemoved] = useState<Stray>();
  return (
    <>
      <p className="muted">
        Clusters that no node accounts for cost money and serve nobody here. Nothing is removed by itself.
        What has the label of another installation, or none, is foreign: Launchlog never touches it.
      </p>
      <LoadFault what="strays" loaded={loaded} />
      {(value !== undefined || problem === undefined) && (
        <StrayTable strays={value} busy={busy} onTerminate={setRemoved} />
      )}
      <TerminateQuestion
        stray={removed}
        onClose={() => setRemoved(undefined)}
        onTerminate={({ name }) => change(() => client.strays.terminate(name).then(reload))}
      />
    </>
  );
}

interface TerminateQuestionProps {
  readonly stray: Stray | undefined;
  readonly onTerminate: (stray: Stray) => void;
  readonly onClose: () => void;
}

function TerminateQuestion({ stray, onTerminate, onClose }: TerminateQuestionProps) {
  if (stray === undefined) return undefined;
  return (
    <ConfirmDialog
      title="Terminate this cluster?"
      action="Terminate"
      onClose={onClose}
      onConfirm={() => onTerminate(stray)}
    >
      <p>
        The machine of <strong>{stray.name}</strong> is removed, with all that runs on it. This takes minutes.
      </p>
    </ConfirmDialog>
  );
}
