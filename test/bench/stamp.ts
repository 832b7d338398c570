import type { LogEntry } from '@launchlog/shared/log-entry';

/** Microseconds of the machine's monotonic clock, which all processes share. */
export function nowMicros(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + Math.floor(nanoseconds / 1_000);
}

/** A line as vLLM prints them, with the moment from which it counts in it. */
export function stampedMessage(line: number, micros = nowMicros()): string {
  return `Loading safetensors checkpoint shards: ${line % 100}% Completed | ${line}/20000 [00:41<00:12, 1.31s/it] ${MARK}${micros}${MARK}`;
}

/** The same as a stored entry. */
export function stampedEntry(seq: number, micros = nowMicros()): LogEntry {
  return {
    seq,
    timestamp: new Date().toISOString(),
    level: 'info',
    message: stampedMessage(seq, micros),
    phase: 'model_loading',
    source: 'vllm',
  };
}

/** Calls back for every whole stamp and answers what may be the beginning of one more. */
export function readStamps(bytes: Buffer, onStamp: (micros: number) => void): Buffer {
  let end = 0;
  for (;;) {
    const begin = bytes.indexOf(MARK, end, 'latin1');
    if (begin < 0) return bytes.subarray(Math.max(end, bytes.length - 1));
    let micros = 0;
    let at = begin + MARK.length;
    for (let digit = digitAt(bytes, at); digit >= 0; digit = digitAt(bytes, at)) {
      micros = micros * 10 + digit;
      at += 1;
    }
    end = at + MARK.length;
    if (end > bytes.length) return bytes.subarray(begin);
    onStamp(micros);
  }
}

/** Negative for anything else. A string of each stamp would cost as much as to find it. */
function digitAt(bytes: Buffer, at: number): number {
  const digit = (bytes[at] ?? 0) - ZERO;
  return digit <= 9 ? digit : -1;
}

const MARK = '@@';
const ZERO = 0x30;
