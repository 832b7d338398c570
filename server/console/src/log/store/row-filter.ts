import type { LogLevel, LogSource } from '@launchlog/shared/log-entry';
import { LOG_LEVELS, LOG_SOURCES } from '@launchlog/shared/log-entry';
import type { Phase } from '@launchlog/shared/phase';
import { PHASES } from '@launchlog/shared/phase';
import type { LogRow } from '../line/log-row.js';

/** Which lines are shown: those that pass all three sets. An empty set passes everything. */
export interface RowFilter {
  readonly levels: ReadonlySet<LogLevel>;
  readonly phases: ReadonlySet<Phase>;
  readonly sources: ReadonlySet<LogSource>;
}

export const SHOW_ALL: RowFilter = { levels: new Set(), phases: new Set(), sources: new Set() };

/** Marks pass every filter: they explain the lines around them. */
export function shows(filter: RowFilter, row: LogRow): boolean {
  if (row.kind === 'mark') return true;
  const { level, phase, source } = row.entry;
  return has(filter.levels, level) && has(filter.phases, phase) && has(filter.sources, source);
}

export function isFiltering(filter: RowFilter): boolean {
  return filter.levels.size + filter.phases.size + filter.sources.size > 0;
}

/** Ignores unknown values: the URL may come from a newer console. */
export function readRowFilter(search: URLSearchParams): RowFilter {
  return {
    levels: readSet(search.get('level'), LOG_LEVELS),
    phases: readSet(search.get('phase'), PHASES),
    sources: readSet(search.get('source'), LOG_SOURCES),
  };
}

/** The filter as search parameters; an empty value removes the parameter. */
export function writeRowFilter(filter: RowFilter): Record<'level' | 'phase' | 'source', string> {
  return {
    level: [...filter.levels].join(','),
    phase: [...filter.phases].join(','),
    source: [...filter.sources].join(','),
  };
}

function has<Value>(set: ReadonlySet<Value>, value: Value): boolean {
  return set.size === 0 || set.has(value);
}

function readSet<Value extends string>(text: string | null, known: readonly Value[]): ReadonlySet<Value> {
  const wanted = new Set((text ?? '').split(','));
  return new Set(known.filter((value) => wanted.has(value)));
}
