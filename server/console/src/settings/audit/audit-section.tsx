import type { AuditEntry, LaunchlogClient } from '@launchlog/sdk';
import { AUDIT_ACTIONS } from '@launchlog/shared/audit';
import { useCallback } from 'react';
import { nodePath } from '../../router/route.js';
import { Link } from '../../router/link.js';
import { useUrl } from '../../router/url-store.js';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { useStore } from '../../state/store.js';
import { formatDateTime } from '../../time/format-time.js';
import { Button } from '../../ui/button.js';
import { Choice } from '../../ui/choice.js';
import { LoadFault } from '../load-fault.js';
import { useLoaded } from '../use-loaded.js';
import { SettingsTable } from '../settings-table.js';

const OUTCOMES = ['ok', 'refused', 'failed'] as const;
const ENTRIES_STEP = 100;
/** What a page can hold. */
const ENTRIES_MAX = 5_000;
const PAGE_MAX = 1_000;

/** What people and programs did or tried. The filters are part of the URL. */
export function AuditSection() {
  const client = useLaunchlogClient();
  const url = useUrl();
  const { search } = useStore(url.store);
  const action = AUDIT_ACTIONS.find((each) => each === search.get('action'));
  const outcome = OUTCOMES.find((each) => each === search.get('outcome'));
  const actor = search.get('actor') ?? '';
  const limit = Math.min(ENTRIES_MAX, Math.max(ENTRIES_STEP, Math.trunc(Number(search.get('entries'))) || 0));
  const read = useCallback(
    (signal: AbortSignal) =>
      latestEntries(
        client,
        {
          limit,
          ...(action !== undefined && { action }),
          ...(outcome !== undefined && { outcome }),
          ...(actor !== '' && { actor }),
        },
        signal,
      ),
    [client, action, outcome, actor, limit],
  );
  const { value, problem, reload } = useLoaded(read);
  return (
    <>
      <AuditFilters action={action} outcome={outcome} actor={actor} />
      <LoadFault what="entries" problem={problem} isStale={value !== undefined} onRetry={reload} />
      {(value !== undefined || problem === undefined) && <AuditTable entries={value?.entries} />}
      {value?.nextCursor !== undefined && (
        <div className="more-rows">
          {limit < ENTRIES_MAX && (
            <Button onClick={() => url.patchSearch({ entries: String(limit + ENTRIES_STEP) })}>
              Show more
            </Button>
          )}
          <span className="muted tabular">
            The newest {value.entries.length.toLocaleString('en-US')} are shown
            {limit >= ENTRIES_MAX &&
              '. Filter to see older ones, or run: launchlog audit --until 1d -n 10000'}
          </span>
        </div>
      )}
    </>
  );
}

type AuditEntryQuery = Parameters<LaunchlogClient['audit']>[0] & { readonly limit: number };

/** The newest ones, from as many pages as they need. */
async function latestEntries(
  client: Pick<LaunchlogClient, 'audit'>,
  { limit, ...query }: AuditEntryQuery,
  signal: AbortSignal,
) {
  const entries: AuditEntry[] = [];
  let nextCursor: string | undefined;
  do {
    const cursor = nextCursor === undefined ? {} : { cursor: nextCursor };
    const size = Math.min(PAGE_MAX, limit - entries.length);
    const page = await client.audit({ ...query, ...cursor, limit: size }, { signal });
    entries.push(...page.entries);
    nextCursor = page.nextCursor;
  } while (nextCursor !== undefined && entries.length < limit);
  return { entries, nextCursor };
}

interface AuditFiltersProps {
  readonly action: string | undefined;
  readonly outcome: string | undefined;
  readonly actor: string;
}

function AuditFilters({ action, outcome, actor }: AuditFiltersProps) {
  const url = useUrl();
  return (
    <div className="filters" role="search" aria-label="Filter the audit trail">
      <Choice
        label="Action"
        value={action}
        values={AUDIT_ACTIONS}
        all="All actions"
        onChange={(next) => url.patchSearch({ action: next ?? '' })}
      />
      <Choice
        label="Outcome"
        value={outcome}
        values={OUTCOMES}
        all="All outcomes"
        onChange={(next) => url.patchSearch({ outcome: next ?? '' })}
      />
      <input
        type="search"
        aria-label="Who"
        placeholder="Who"
        value={actor}
        onChange={(event) => url.patchSearch({ actor: event.target.value })}
      />
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
