import type { Command } from 'commander';
import { z } from 'zod';
import { LOG_LEVELS } from '@launchlog/shared/log-entry';
import { logFilterSchema, TAIL_DEFAULT, TAIL_MAX } from '@launchlog/shared/log-query';
import type { LogFilter } from '@launchlog/shared/log-query';
import { PHASES } from '@launchlog/shared/phase';
import { listOption, numberOption, parseFlags, parseMoment } from './flag-value.js';

export interface LogFlags {
  readonly tail?: number;
  /** Only `logs` has it. */
  readonly follow?: boolean;
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
    .option('--tail <count>', `number of entries from the end (default ${tailDefault})`, numberOption)
    .option('--since <time>', 'entries since this moment: 90s, 10m, 1h30m, 2d ago or an RFC 3339 time')
    .option('--until <time>', 'entries until this moment')
    .option('--level <levels>', `only these levels: ${LOG_LEVELS.join(', ')}`, listOption)
    .option('--phase <phases>', `only these phases: ${PHASES.join(', ')}`, listOption)
    .option('--grep <expression>', 'only messages that match this RE2 expression')
    .option('--search <text>', 'only messages that contain this text, ignoring case');
}

/** Builds the query from the flags. Throws a UsageError that names the flag. */
export function logQueryOf(flags: LogFlags, nowMs: number): Partial<LogFilter> & { tail: number } {
  const tail = flags.tail ?? (flags.since === undefined ? TAIL_DEFAULT : TAIL_MAX);
  const given = {
    tail,
    level: flags.level,
    phase: flags.phase,
    regex: flags.grep,
    q: flags.search,
    since: flags.since === undefined ? undefined : parseMoment(flags.since, '--since', nowMs),
    until: flags.until === undefined ? undefined : parseMoment(flags.until, '--until', nowMs),
  };
  return parseFlags(querySchema(flags.follow === true ? 0 : 1), given, { regex: '--grep', q: '--search' });
}

/** With `--follow`, 0 shows only what is new. */
function querySchema(tailMin: number) {
  const error = `must be a whole number from ${tailMin} to ${TAIL_MAX}`;
  const tail = z.int({ error }).min(tailMin, { error }).max(TAIL_MAX, { error });
  return z.strictObject({ ...logFilterSchema.shape, tail });
}
