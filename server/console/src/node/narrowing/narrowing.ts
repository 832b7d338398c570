import { FAILURE_LABELS } from '@launchlog/sdk';
import type { FailureReason, NodeListQueryInput } from '@launchlog/sdk';
import { FAILURE_REASONS } from '@launchlog/shared/node';
import { formatDateTime } from '../../time/format-time.js';

/** What a link from elsewhere narrows the list to. It is part of the URL and has no field of its own on the page. */
export interface Narrowing {
  /** Requested from here (inclusive), as an ISO time. */
  readonly since?: string | undefined;
  /** Requested until here (exclusive), as an ISO time. */
  readonly until?: string | undefined;
  readonly reason?: FailureReason | undefined;
  readonly region?: string | undefined;
  readonly gpu?: string | undefined;
}

const NAMES = ['since', 'until', 'reason', 'region', 'gpu'] as const;
type NarrowingName = (typeof NAMES)[number];
const TEXT_MAX_CHARACTERS = 64;

/** Ignores what the server would refuse: the URL may have been written by hand. */
export function readNarrowing(search: URLSearchParams): Narrowing {
  return {
    since: timeOf(search.get('since')),
    until: timeOf(search.get('until')),
    reason: FAILURE_REASONS.find((reason) => reason === search.get('reason')),
    region: textOf(search.get('region')),
    gpu: textOf(search.get('gpu')),
  };
}

/** The query as the server takes it. */
export function narrowedQuery({ since, until, reason, region, gpu }: Narrowing): NodeListQueryInput {
  return {
    ...(since !== undefined && { createdSince: since }),
    ...(until !== undefined && { createdUntil: until }),
    ...(reason !== undefined && { reason: [reason] }),
    ...(region !== undefined && { region }),
    ...(gpu !== undefined && { gpu }),
  };
}

/** The page with the list of what is narrowed to. */
export function nodesPath(
  narrowing: Narrowing,
  filter: { readonly status?: 'failed' | 'lost'; readonly provider?: string } = {},
): string {
  const search = new URLSearchParams(filter);
  for (const name of NAMES) if (narrowing[name] !== undefined) search.set(name, narrowing[name]);
  const text = search.toString();
  return text === '' ? '/' : `/?${text}`;
}

interface NarrowingFact {
  readonly name: NarrowingName;
  readonly text: string;
}

/** What the list is narrowed to, in words. */
export function narrowingFacts({ since, until, reason, region, gpu }: Narrowing): readonly NarrowingFact[] {
  const facts: readonly (NarrowingFact | undefined)[] = [
    since === undefined ? undefined : { name: 'since', text: `Launched since ${inWords(since)}` },
    until === undefined ? undefined : { name: 'until', text: `Launched before ${inWords(until)}` },
    reason === undefined ? undefined : { name: 'reason', text: FAILURE_LABELS[reason] },
    region === undefined ? undefined : { name: 'region', text: `Region ${region}` },
    gpu === undefined ? undefined : { name: 'gpu', text: `GPU ${gpu}` },
  ];
  return facts.filter((fact) => fact !== undefined);
}

export function isNarrowed(narrowing: Narrowing): boolean {
  return NAMES.some((name) => narrowing[name] !== undefined);
}

function inWords(iso: string): string {
  return formatDateTime(Date.parse(iso));
}

function timeOf(text: string | null): string | undefined {
  const timeMs = Date.parse(text ?? '');
  return Number.isNaN(timeMs) ? undefined : new Date(timeMs).toISOString();
}

function textOf(text: string | null): string | undefined {
  return text === null || text === '' || text.length > TEXT_MAX_CHARACTERS ? undefined : text;
}
