import type { AppendReply } from './log-store.js';

export type LogStoreOperation = 'claim' | 'append' | 'read' | 'subscribe' | 'clear';

/** What a log store is seen to do, for whoever measures it. Nothing here may throw or wait. */
export interface LogStoreMeter {
  /** A call was answered; `failed` means that the store was away or refused. */
  answered(operation: LogStoreOperation, ms: number, failed: boolean): void;
  appended(reply: AppendReply['kind'], lines: readonly string[]): void;
}
