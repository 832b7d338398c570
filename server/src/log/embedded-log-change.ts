import { z } from 'zod';

const began = z.enum(['new', 'cleared', 'lost']);
const moment = z.number();
/** The number of the change in its file, from 1, which shows missing and repeated changes. Version 0.1.0 wrote none. */
const numbered = { n: z.int().min(1).optional() };
const count = z.int().min(0);

/** One change of a log. `append` and `state` are followed by `count` entries. */
const logChangeSchema = z.discriminatedUnion('op', [
  z.object({ op: z.literal('begin'), ...numbered, at: moment, epoch: z.string(), attempt: z.int(), began }),
  z.object({ op: z.literal('own'), ...numbered, at: moment, attempt: z.int() }),
  z.object({
    op: z.literal('append'),
    ...numbered,
    at: moment,
    /** Both as before this change, in case the change that set them is lost. Version 0.1.0 wrote none. */
    epoch: z.string().optional(),
    attempt: z.int().optional(),
    last_seq: count,
    count,
    closed: z.boolean(),
    /** The last entry of a closed log, if it is not among the entries that follow. */
    terminal: z.string().optional(),
    checkpoint: z.string().optional(),
  }),
  z.object({ op: z.literal('clear'), ...numbered, at: moment }),
  z.object({
    op: z.literal('state'),
    ...numbered,
    at: moment,
    appended_at: moment,
    epoch: z.string(),
    attempt: z.int(),
    began,
    last_seq: count,
    count,
    cleared: z.boolean(),
    closed: z.boolean(),
    terminal: z.string().optional(),
    checkpoint: z.string().optional(),
  }),
]);
export type LogChange = z.infer<typeof logChangeSchema>;

/** Undefined if the text is not a change. */
export function parseChange(text: string): LogChange | undefined {
  try {
    return logChangeSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** A change with the entries that belong to it. */
export interface LogRecordOfChange {
  readonly change: LogChange;
  readonly lines: readonly string[];
}

/** How far a log went, kept outside of its file: a file that was cut short does not show it by itself. */
export const logMarkSchema = z.object({
  op: z.literal('mark'),
  /** The number of the last change. */
  n: z.int().min(1),
  at: moment,
  appended_at: moment,
  epoch: z.string(),
  attempt: z.int(),
  began,
  first_seq: count,
  last_seq: count,
  cleared: z.boolean(),
  closed: z.boolean(),
  terminal: z.string().optional(),
});
export type LogMark = z.infer<typeof logMarkSchema>;

/** Whether the change ends a log that the mark knows as the last one, which has not ended: its line has changed places. */
export function isBefore(change: LogChange, mark: LogMark): boolean {
  if ((change.n ?? Infinity) > mark.n) return false;
  if (change.op === 'clear') return !mark.cleared;
  return 'epoch' in change && change.epoch !== undefined && change.epoch !== mark.epoch;
}
