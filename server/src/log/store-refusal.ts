/** Why a log store that answers takes no entries. */
export type StoreRefusal = keyof typeof STORE_REFUSALS;

/** In words for readers and operators, without names of hosts. Completes the sentence "the log store takes no entries: …". */
export const STORE_REFUSALS = {
  read_only: 'it is a read-only replica or file system; name the primary, or make it writable',
  no_permission:
    'this server has no right to write there; grant it the commands, keys and channels of the logs',
  persistence_failed: 'it cannot save to its disk; make room there, or mend the disk',
  full: 'its memory or disk is full; make room, or keep fewer entries (LOG_MAX_ENTRIES, LOG_TTL_HOURS)',
  too_few_replicas: 'too few of its replicas are connected; bring them back',
  other: 'it answers with an error that only the log of this server shows',
} as const;

export function refusalText(refusal: StoreRefusal): string {
  return `the log store takes no entries: ${STORE_REFUSALS[refusal]}`;
}
