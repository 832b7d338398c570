import type { DoctorReport } from '@launchlog/sdk';
import { useCallback } from 'react';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { Button } from '../../ui/button.js';
import { LoadFault } from '../load-fault.js';
import { SettingsTable } from '../settings-table.js';
import { useLoaded } from '../use-loaded.js';

const PILLS = { ok: 'active', warn: 'degraded', fail: 'failed' } as const;
const LABELS = { ok: 'fits', warn: 'warning', fail: 'fails' } as const;

/** Whether everything around the server fits, and what to do where it does not. */
export function DoctorSection() {
  const client = useLaunchlogClient();
  const read = useCallback((signal: AbortSignal) => client.doctor({ signal }), [client]);
  const loaded = useLoaded(read);
  const { value, problem, reload } = loaded;
  return (
    <>
      <div className="page-head">
        <p className="muted">What the server needs around it: as of “launchlog doctor”.</p>
        <span className="spacer" />
        <Button icon="retry" onClick={reload}>
          Look again
        </Button>
      </div>
      <LoadFault what="checks" loaded={loaded} />
      {(value !== undefined || problem === undefined) && (
        <SettingsTable label="Checks" columns={['What', 'State', 'Found']} isLoading={value === undefined}>
          {value?.findings.map((finding, index) => (
            <Finding key={index} finding={finding} />
          ))}
        </SettingsTable>
      )}
    </>
  );
}

function Finding({ finding }: { finding: DoctorReport['findings'][number] }) {
  const { check, status, message, remedy } = finding;
  return (
    <tr>
      <th scope="row">{check}</th>
      <td>
        <span className={`pill pill-${PILLS[status]}`}>
          <span className="pill-dot" aria-hidden="true" />
          {LABELS[status]}
        </span>
      </td>
      <td>
        {message}
        {remedy !== undefined && <span className="sub">{remedy}</span>}
      </td>
    </tr>
  );
}
