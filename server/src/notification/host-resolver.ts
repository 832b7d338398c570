import { Resolver, lookup } from 'node:dns/promises';

export interface ResolvedAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Looks up the addresses of a name. Rejects if there is none, if no name server answers, or when the signal is aborted. */
export interface HostResolver {
  resolve(
    hostname: string,
    options: { readonly trusted: boolean; readonly signal: AbortSignal },
  ): Promise<readonly ResolvedAddress[]>;
}

const QUERY_TIMEOUT_MS = 2_000;
const QUERY_TRIES = 2;

/**
 * Asks the name servers directly for names that callers of the API chose: `getaddrinfo` runs in a small thread pool and
 * cannot be cancelled, so two silent name servers would block every other look-up of this process (Redis, PostgreSQL).
 * Names that the operator trusts are resolved by the system, with /etc/hosts and search domains.
 */
export class SystemHostResolver implements HostResolver {
  readonly #nameServers: readonly string[] | undefined;

  /** `nameServers` are `address` or `address:port`; those of the system if absent. */
  constructor(nameServers?: readonly string[]) {
    this.#nameServers = nameServers;
  }

  async resolve(
    hostname: string,
    { trusted, signal }: { readonly trusted: boolean; readonly signal: AbortSignal },
  ): Promise<readonly ResolvedAddress[]> {
    if (!trusted) return queryNameServers(this.#resolver(), hostname, signal);
    const found = await orAborted(lookup(hostname, { all: true, verbatim: true }), signal);
    return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
  }

  /** A new resolver for each look-up: cancelling ends all look-ups of a resolver. */
  #resolver(): Resolver {
    const resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: QUERY_TRIES });
    if (this.#nameServers !== undefined) resolver.setServers(this.#nameServers);
    return resolver;
  }
}

async function queryNameServers(
  resolver: Resolver,
  hostname: string,
  signal: AbortSignal,
): Promise<readonly ResolvedAddress[]> {
  const cancel = () => resolver.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const found: ResolvedAddress[] = [];
    if (v4.status === 'fulfilled')
      found.push(...v4.value.map((address) => ({ address, family: 4 as const })));
    if (v6.status === 'fulfilled')
      found.push(...v6.value.map((address) => ({ address, family: 6 as const })));
    if (found.length === 0 && v4.status === 'rejected') throw v4.reason;
    return found;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** The look-up itself cannot be cancelled; a late answer is ignored. */
function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
