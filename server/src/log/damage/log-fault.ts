/** What in a stored log another program has written or the store has lost, and what Launchlog does about it. */
export const LOG_FAULTS = {
  hash: 'what is known of the log is gone: its entries are shown by their own numbers',
  list: 'the entries are shown by their own numbers, and a gap where one is missing',
  entry: 'readers get a gap in its place',
  epoch: 'readers get another name for the log, and its owner begins it anew',
  seq: 'the numbers of the entries count instead, and a gap shows what is missing',
  began: 'the log counts as one that was lost before',
  cleared: 'the log has entries, so it counts as not cleared',
  closed: 'the last entry does not end the launch, so the log counts as open',
  terminal: 'it is not the last entry of the log, so the launch counts as running',
  attempt: 'the next owner takes the log',
  level: 'the entry is shown as information',
  source: 'the entry is shown as one of the orchestrator',
  phase: 'the entry is shown in the phase of the one before',
} as const;

export type LogFaultField = keyof typeof LOG_FAULTS;

/** One thing in a stored log that cannot be its owner's doing. */
export interface LogFault {
  readonly field: LogFaultField;
  /** The beginning of what was found, as it is stored. */
  readonly found: string;
}
