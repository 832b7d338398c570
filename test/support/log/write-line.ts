import type { NodeLogWriter } from '@launchlog/server/log/node-log-writer';
import type { LogEntryDraft } from '@launchlog/shared/log-entry';

type LineRest = Omit<LogEntryDraft, 'level' | 'message'> & Partial<Pick<LogEntryDraft, 'level'>>;

/** Writes one entry, of level info unless `rest` names another. */
export function writeLine(writer: Pick<NodeLogWriter, 'write'>, message: string, rest: LineRest): void {
  writer.write({ level: 'info', message, ...rest });
}
