import type { LogEntry } from '@launchlog/shared/log-entry';
import { timestampOf } from '../clock.js';
import type { FoundArchive } from './archive-ledger.js';

/** The one entry that is shown in the place of a log whose archive cannot be read: its last one. */
export function damagedLine(archive: FoundArchive, problem: string, nowMs: number): string {
  const entry: LogEntry = {
    seq: archive.lastSeq,
    timestamp: timestampOf(nowMs),
    level: 'error',
    message: `The archive of this log is damaged: ${problem}. Its entries cannot be shown.`,
    phase: archive.phase,
    source: 'orchestrator',
    details: { file: archive.name, sha256: archive.sha256 },
  };
  return JSON.stringify(entry);
}
