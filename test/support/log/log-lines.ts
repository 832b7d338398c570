import { logEntrySchema, type LogEntry } from '@launchlog/shared/log-entry';
import type { LogBatch } from '@launchlog/server/log/log-store';

/** Entries as a writer would store them, by default `message` n for seq n. */
export function logLine(seq: number, rest: Partial<LogEntry> = {}): string {
  const entry: LogEntry = {
    seq,
    timestamp: '2026-01-01T00:00:00.000Z',
    level: 'info',
    message: `line ${seq}`,
    phase: 'provisioning',
    source: 'orchestrator',
    ...rest,
  };
  return JSON.stringify(logEntrySchema.parse(entry));
}

export function logLines(firstSeq: number, lastSeq: number): string[] {
  return Array.from({ length: lastSeq - firstSeq + 1 }, (_, index) => logLine(firstSeq + index));
}

export function terminalLine(seq: number): string {
  return logLine(seq, {
    phase: 'active',
    progress: 100,
    message: 'ready',
    details: { endpoint: 'http://10.0.0.1:8000' },
  });
}

export function batchOf(
  place: { nodeId: string; epoch: string; attempt?: number },
  firstSeq: number,
  lines: readonly string[],
  rest: { terminal?: boolean; checkpoint?: string } = {},
): LogBatch {
  return { attempt: 1, terminal: false, ...place, firstSeq, lines, ...rest };
}
