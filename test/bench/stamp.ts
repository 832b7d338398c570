import type { LogEntry } from '@launchlog/shared/log-entry';

/** Microseconds of the machine's monotonic clock, which all processes share. */
export function nowMicros(): number {
  return Number(process.hrtime.bigint() / 1_000n);
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
    const close = bytes.indexOf(MARK, begin + MARK.length, 'latin1');
    if (close < 0) return bytes.subarray(begin);
    onStamp(Number(bytes.subarray(begin + MARK.length, close).toString('latin1')));
    end = close + MARK.length;
  }
}

const MARK = '@@';
