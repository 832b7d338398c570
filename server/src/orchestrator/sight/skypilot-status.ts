/** For more clusters than this, all are asked for: a command line has a limit. */
const NAMED_CLUSTERS_MAX = 200;

/** The clusters to name in a question about these; undefined to ask for all of them. */
export function namedClusters(names: readonly string[]): readonly string[] | undefined {
  return names.length > NAMED_CLUSTERS_MAX ? undefined : names;
}

export function statusBody(names: readonly string[] | undefined, refresh: boolean) {
  return {
    cluster_names: names ?? null,
    refresh: refresh ? 'FORCE' : 'NONE',
    // Otherwise the answer contains the private key of the machine.
    include_credentials: false,
    include_handle: false,
  };
}
