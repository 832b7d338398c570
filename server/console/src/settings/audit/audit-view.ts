import type { AuditEntry, LaunchlogClient } from '@launchlog/sdk';
import { AUDIT_ACTIONS } from '@launchlog/shared/audit';
import type { AuditAction, AuditExportQuery, AuditOutcome } from '@launchlog/shared/audit';

export const OUTCOMES = ['ok', 'refused', 'failed'] as const satisfies readonly AuditOutcome[];
/** The time that entries are from, and its length. */
const AUDIT_DAYS = { '1d': 1, '7d': 7, '30d': 30 } as const;
export type AuditWindow = keyof typeof AUDIT_DAYS;
export const AUDIT_WINDOWS = Object.keys(AUDIT_DAYS) as AuditWindow[];
export const ENTRIES_STEP = 100;
/** What a page can hold. */
export const ENTRIES_MAX = 5_000;
const PAGE_MAX = 1_000;
const DAY_MS = 86_400_000;

/** What the page shows of the trail. It is part of the URL. */
export interface AuditView {
  readonly action: AuditAction | undefined;
  readonly outcome: AuditOutcome | undefined;
  readonly window: AuditWindow | undefined;
  /** Empty for all. */
  readonly actor: string;
  readonly target: string;
  /** How many of the newest entries. */
  readonly count: number;
}

export function auditView(search: URLSearchParams): AuditView {
  const asked = Math.trunc(Number(search.get('entries'))) || 0;
  return {
    action: AUDIT_ACTIONS.find((each) => each === search.get('action')),
    outcome: OUTCOMES.find((each) => each === search.get('outcome')),
    window: AUDIT_WINDOWS.find((each) => each === search.get('since')),
    actor: search.get('actor') ?? '',
    target: search.get('target') ?? '',
    count: Math.min(ENTRIES_MAX, Math.max(ENTRIES_STEP, asked)),
  };
}

interface LatestEntries {
  readonly entries: readonly AuditEntry[];
  /** There are more. */
  readonly nextCursor: string | undefined;
}

/** What the page is narrowed to, as the server takes it. */
function filterOf({ action, outcome, window, actor, target }: AuditView, nowMs: number) {
  return {
    ...(action !== undefined && { action }),
    ...(outcome !== undefined && { outcome }),
    ...(window !== undefined && { since: new Date(nowMs - AUDIT_DAYS[window] * DAY_MS).toISOString() }),
    ...(actor.trim() !== '' && { actor: actor.trim() }),
    ...(target.trim() !== '' && { target: target.trim() }),
  };
}

export const AUDIT_FILE_FORMATS = ['csv', 'ndjson'] as const satisfies readonly AuditExportQuery['format'][];

/** Every entry that the filters of the page show, however many, as a file. */
export function auditFile(view: AuditView, format: (typeof AUDIT_FILE_FORMATS)[number], nowMs: number) {
  const query = new URLSearchParams({ ...filterOf(view, nowMs), format });
  const day = new Date(nowMs).toISOString().slice(0, 10);
  return { path: `/admin/audit/export?${query.toString()}`, name: `audit-${day}.${format}` };
}

/** The newest entries of a view, from as many pages as they need. */
export async function latestEntries(
  client: Pick<LaunchlogClient, 'audit'>,
  { view, nowMs }: { readonly view: AuditView; readonly nowMs: number },
  signal: AbortSignal,
): Promise<LatestEntries> {
  const { count } = view;
  const query = filterOf(view, nowMs);
  const entries: AuditEntry[] = [];
  let nextCursor: string | undefined;
  do {
    const cursor = nextCursor === undefined ? {} : { cursor: nextCursor };
    const limit = Math.min(PAGE_MAX, count - entries.length);
    const page = await client.audit({ ...query, ...cursor, limit }, { signal });
    entries.push(...page.entries);
    nextCursor = page.nextCursor;
  } while (nextCursor !== undefined && entries.length < count);
  return { entries, nextCursor };
}
