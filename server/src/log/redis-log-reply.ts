import { createHash } from 'node:crypto';
import { UNBORN_EPOCH } from '@launchlog/shared/cursor';
import { logEntrySchema, type LogEntry } from '@launchlog/shared/log-entry';
import { isTerminalPhase } from '@launchlog/shared/phase';
import { z } from 'zod';
import { LOG_FAULTS, type LogFault, type LogFaultField } from './damage/log-fault.js';
import type { LogClaim, LogSignal, LogSlice } from './log-store.js';

export const appendReplySchema = z.enum(['appended', 'duplicate', 'fenced', 'cleared', 'lost', 'closed']);

/** A script answers `field, found, field, found, …`. */
const faultsSchema = z.array(z.string()).transform((flat): LogFault[] => {
  const faults: LogFault[] = [];
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const [field = '', found = ''] = flat.slice(index, index + 2);
    if (Object.hasOwn(LOG_FAULTS, field)) faults.push({ field: field as LogFaultField, found });
  }
  return faults;
});

export const claimReplySchema = z
  .union([
    z.tuple([z.literal('fenced')]),
    z.tuple([z.literal('claimed'), z.string(), z.coerce.number(), z.string(), z.string(), faultsSchema]),
  ])
  .transform((reply): LogClaim => {
    if (reply[0] === 'fenced') return { kind: 'fenced' };
    const [kind, epoch, lastSeq, checkpoint, json, found] = reply;
    const terminal = parseTerminal(json);
    const forged: LogFault[] =
      json !== '' && terminal === undefined ? [{ field: 'terminal', found: json }] : [];
    return {
      kind,
      epoch,
      lastSeq,
      checkpoint: checkpoint === '' ? undefined : checkpoint,
      terminal,
      faults: [...found, ...forged],
    };
  });

function parseTerminal(json: string): LogEntry | undefined {
  try {
    const entry = logEntrySchema.safeParse(JSON.parse(json)).data;
    return entry !== undefined && isTerminalPhase(entry.phase) ? entry : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns a well-formed epoch, of which cursors are made, even if another program wrote something else: the same text always
 * yields the same epoch, so that cursors stay valid.
 */
function soundEpoch(stored: string): string {
  if (/^[0-9a-f]{16}$/.test(stored) && stored !== UNBORN_EPOCH) return stored;
  return createHash('sha256').update(stored).digest('hex').slice(0, EPOCH_LENGTH);
}

const NO_LOG: LogSlice = {
  epoch: undefined,
  lastSeq: 0,
  firstSeq: 1,
  closed: false,
  expired: false,
  cleared: false,
  began: 'new',
  lines: [],
  linesFrom: 1,
};

const BEGINNINGS: ReadonlySet<string> = new Set<LogSlice['began']>(['new', 'cleared', 'lost']);

/** `stands`: epoch and last seq as they are stored, in the form in which logs are compared. */
export const sliceReplySchema = z
  .union([
    z.tuple([]),
    z.tuple([
      z.string(),
      z.number(),
      z.number(),
      z.number(),
      z.number(),
      z.string(),
      z.number(),
      z.array(z.string()),
      faultsSchema,
      z.string(),
    ]),
  ])
  .transform((reply): { readonly slice: LogSlice; readonly stands: string } => {
    if (reply.length === 0) return { slice: NO_LOG, stands: '' };
    const [stored, lastSeq, firstSeq, closed, cleared, began, linesFrom, lines, found, stands] = reply;
    if (stored === '' && lastSeq === 0) return { slice: { ...NO_LOG, faults: found }, stands };
    const epoch = soundEpoch(stored);
    const slice: LogSlice = {
      epoch,
      lastSeq,
      firstSeq,
      closed: closed === 1,
      expired: firstSeq > lastSeq && lastSeq > 0 && cleared === 0,
      cleared: cleared === 1,
      began: BEGINNINGS.has(began) ? (began as LogSlice['began']) : 'lost',
      lines,
      linesFrom,
      faults: [...found, ...faultsOfHash({ stored, epoch, began, found })],
    };
    return { slice, stands };
  });

/** A hash that is gone was reported as such. */
function faultsOfHash(hash: {
  readonly stored: string;
  readonly epoch: string;
  readonly began: string;
  readonly found: readonly LogFault[];
}): LogFault[] {
  const { stored, epoch, began, found } = hash;
  if (found.some(({ field }) => field === 'hash' || field === 'epoch')) return [];
  const faults: LogFault[] = [];
  if (stored !== epoch) faults.push({ field: 'epoch', found: stored });
  if (!BEGINNINGS.has(began)) faults.push({ field: 'began', found: began });
  return faults;
}

/** Parses `<epoch>:` and the batch's entries as stored in the list, one per line (JSON holds no raw line ends). */
export function parseMessage(message: Buffer): LogSignal {
  if (message.length === CLEARED.length && message.toString() === CLEARED) return { kind: 'cleared' };
  const text = message.toString('utf8', EPOCH_LENGTH + 1);
  const lines = text.includes('\n') ? text.split('\n') : [text];
  const firstSeq = Number(/^\{"seq":(\d+),/.exec(text)?.[1]);
  // Any other message on the channel is only a reason to read: another program may have sent it.
  if (!Number.isSafeInteger(firstSeq) || message[EPOCH_LENGTH] !== COLON) return { kind: 'resumed' };
  if ((lines[0] ?? '').length > LINE_MAX_CHARACTERS) return { kind: 'resumed' };
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    if (!line.startsWith(`{"seq":${firstSeq + index},`) || line.length > LINE_MAX_CHARACTERS)
      return { kind: 'resumed' };
  }
  return { kind: 'appended', epoch: message.toString('latin1', 0, EPOCH_LENGTH), firstSeq, lines };
}

const CLEARED = 'cleared';
const COLON = 58;
const EPOCH_LENGTH = 16;
/** Ours have at most 64 KiB. The script that reads a log has the same bound. */
const LINE_MAX_CHARACTERS = 1024 * 1024;
