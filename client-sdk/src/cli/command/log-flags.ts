import type { Command } from 'commander';
import { z } from 'zod';
import { LOG_LEVELS } from '@launchlog/shared/log-entry';
import { logFilterSchema, TAIL_DEFAULT, TAIL_MAX } from '@launchlog/shared/log-query';
import type { LogFilter } from '@launchlog/shared/log-query';
import { PHASES } from '@launchlog/shared/phase';
import { UsageError } from '../session/exit-code.js';
import { listOption, parseFlags, requireFilled } from './flag-value.js';
import { pastWindow } from './past-moment.js';

export interface LogFlags {
  readonly tail?: number | 'all';
  readonly utc?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly level?: string[];
  readonly phase?: string[];
  readonly grep?: string;
  readonly search?: string;
}

/** The flags that select entries. `logs` and `export` differ only in the default of `--tail`. */
export function addLogFlags(
  command: Command,
  tailDefault = `${TAIL_DEFAULT}; ${TAIL_MAX} with --since`,
): Command {
  return command
    .option(
      '-n, --tail <count>',
      `number of entries from the end, or all (default ${tailDefault})`,
      tailOption,
    )
    .option(
      '--since <time>',
      'entries since this moment: 10m, 1h30m, 1w ago, 09:30, yesterday, 2026-01-31 or RFC 3339',
    )
    .option('--until <time>', 'entries until this moment')
    .option('--utc', 'read and show times in UTC, not in the local time zone (TZ)')
    .option('--level <levels>', `only these levels: ${LOG_LEVELS.join(', ')}`, listOption)
    .option('--phase <phases>', `only these phases: ${PHASES.join(', ')}`, listOption)
    .option('--grep <expression>', 'only messages that match this RE2 expression')
    .option('--search <text>', 'only messages that contain this text, ignoring case');
}

/** Builds the query from the flags. Throws a UsageError that names the flag. */
export function logQueryOf(
  flags: LogFlags,
  nowMs: number,
): { filter: Partial<LogFilter>; tail: number | 'all' } {
  const now = { nowMs, utc: flags.utc === true };
  const given = {
    level: flags.level,
    phase: flags.phase,
    regex: flags.grep,
    q: flags.search,
    ...pastWindow(flags, now),
    tail: flags.tail === 'all' ? undefined : flags.tail,
  };
  requireFilled({ level: flags.level, phase: flags.phase });
  const { tail, ...filter } = parseFlags(QUERY, given, { regex: '--grep', q: '--search' });
  const { since, until } = filter;
  if (since !== undefined && until !== undefined && Date.parse(since) > Date.parse(until)) {
    throw new UsageError(`--since (${since}) must not be after --until (${until})`);
  }
  return {
    filter,
    tail: flags.tail === 'all' ? 'all' : (tail ?? (since === undefined ? TAIL_DEFAULT : TAIL_MAX)),
  };
}

const TAIL_FAULT = { error: `must be a whole number from 0 to ${TAIL_MAX}, or all` };
const QUERY = z.strictObject({
  ...logFilterSchema.shape,
  tail: z.int(TAIL_FAULT).min(0, TAIL_FAULT).max(TAIL_MAX, TAIL_FAULT).optional(),
});

function tailOption(text: string): number | 'all' {
  if (text === 'all') return text;
  // What is no number is refused with the limits, by the schema.
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}
