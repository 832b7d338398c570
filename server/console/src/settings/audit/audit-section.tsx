import type { AuditEntry } from '@launchlog/sdk';
import { useCallback, useMemo } from 'react';
import { useFileDownloads } from '../../download/file-downloads.js';
import { nodePath } from '../../router/route.js';
import { Link } from '../../router/link.js';
import { useUrl } from '../../router/url-store.js';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { useStore } from '../../state/store.js';
import { formatDateTime } from '../../time/format-time.js';
import { useServerNow } from '../../time/ticker.js';
import { Button } from '../../ui/button.js';
import { Menu } from '../../ui/menu.js';
import { LoadFault } from '../load-fault.js';
import { useLoaded } from '../use-loaded.js';
import { SettingsTable } from '../settings-table.js';
import { AuditFilters } from './audit-filters.js';
import type { AuditView } from './audit-view.js';
import {
  AUDIT_FILE_FORMATS,
  auditFile,
  auditView,
  ENTRIES_MAX,
  ENTRIES_STEP,
  latestEntries,
} from './audit-view.js';

/** What people and programs did or tried. The filters are part of the URL. */
export function AuditSection() {
  const client = useLaunchlogClient();
  const { search } = useStore(useUrl().store);
  const now = useServerNow();
  const view = useMemo(() => auditView(search), [search]);
  const read = useCallback(
    (signal: AbortSignal) => latestEntries(client, { view, nowMs: now() }, signal),
    [client, now, view],
  );
  const loaded = useLoaded(read);
  const { value, problem } = loaded;
  return (
    <>
      <AuditFilters view={view}>
        <ExportMenu view={view} />
      </AuditFilters>
      <LoadFault what="entries" loaded={loaded} />
      {(value !== undefined || problem === undefined) && <AuditTable entries={value?.entries} />}
      {value?.nextCursor !== undefined && <MoreEntries shown={value.entries.length} count={view.count} />}
    </>
  );
}

/** The entries that the filters show as a file: all of them, not only those on the page. */
function ExportMenu({ view }: { readonly view: AuditView }) {
  const downloads = useFileDownloads();
  const now = useServerNow();
  return (
    <Menu label="Export" icon="download">
      {AUDIT_FILE_FORMATS.map((format) => (
        <Button
          key={format}
          look="quiet"
          onClick={() => void downloads.start(auditFile(view, format, now()))}
        >
          {format.toUpperCase()}
        </Button>
      ))}
    </Menu>
  );
}

function MoreEntries({ shown, count }: { shown: number; count: number }) {
  const url = useUrl();
  return (
    <div className="more-rows">
      {count < ENTRIES_MAX && (
        <Button onClick={() => url.patchSearch({ entries: String(count + ENTRIES_STEP) })}>Show more</Button>
      )}
      <span className="muted tabular">
        The newest {shown.toLocaleString('en-US')} are shown
        {count >= ENTRIES_MAX && '. The export has all of them'}
      </span>
    </div>
  );
}

function AuditTable({ entries }: { entries: readonly AuditEntry[] | undefined }) {
  if (entries?.length === 0) return <p className="empty muted">Nothing was recorded that matches.</p>;
  return (
    <SettingsTable
      label="Audit trail"
      columns={['When', 'Who', 'What', 'Outcome', 'Of what', 'From']}
      isLoading={entries === undefined}
    >
      {(entries ?? []).map((entry) => (
        <tr key={entry.id}>
          <td className="tabular">{formatDateTime(Date.parse(entry.at))}</td>
          <td>{entry.actor ?? <span className="muted">unknown</span>}</td>
          <td>
            {entry.action}
            {entry.count !== undefined && ` (${entry.count} times)`}
          </td>
          <td>
            {entry.outcome}
            {entry.code !== undefined && <span className="sub">{entry.code}</span>}
          </td>
          <td className="mono">
            {entry.target !== undefined && entry.action.startsWith('node.') ? (
              <Link to={nodePath(entry.target)}>{entry.target.slice(0, 13)}</Link>
            ) : (
              entry.target
            )}
          </td>
          <td className="mono">{entry.address}</td>
        </tr>
      ))}
    </SettingsTable>
  );
}
