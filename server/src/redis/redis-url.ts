/** The address of Redis, as given by `REDIS_URL`. */
export type RedisTarget = RedisAccess &
  (
    | { readonly kind: 'single'; readonly host: string; readonly port: number }
    | {
        readonly kind: 'sentinel';
        readonly sentinels: readonly RedisAddress[];
        /** The name of the master that the sentinels watch. */
        readonly master: string;
        readonly sentinelUsername: string | undefined;
        readonly sentinelPassword: string | undefined;
      }
    | { readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[] }
  );

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

interface RedisAccess {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  readonly tls: boolean;
}

/**
 * Reads one of
 *
 *     redis://[user:password@]host[:6379][/db]
 *     redis+sentinel://[user:password@]host[:26379],…/master[/db][?sentinel_username=…&sentinel_password=…]
 *     redis+cluster://[user:password@]host[:6379],…
 *
 * each with `rediss` in the place of `redis` for TLS (to the sentinels, too). User and password are percent-encoded.
 * Throws an error that does not repeat the URL, because of the password in it.
 */
export function parseRedisUrl(url: string): RedisTarget {
  const match = URL_PATTERN.exec(url);
  const { scheme, form, user, hosts, path = '', query = '' } = match?.groups ?? {};
  if (scheme === undefined || hosts === undefined) throw new Error(MALFORMED);
  const segments = path.split('/').filter((segment) => segment !== '');
  const access = { ...parseUser(user), tls: scheme === 'rediss' };
  switch (form) {
    case undefined: {
      const [address, ...others] = parseAddresses(hosts, 6379);
      if (address === undefined || others.length > 0) throw new Error(MALFORMED);
      return { kind: 'single', ...address, ...access, db: parseDb(segments) };
    }
    case 'sentinel': {
      const [master, ...rest] = segments;
      if (master === undefined) throw new Error('REDIS_URL names no master after the sentinels: …/mymaster');
      const parameters = new URLSearchParams(query);
      return {
        kind: 'sentinel',
        sentinels: parseAddresses(hosts, 26_379),
        master: decodeURIComponent(master),
        sentinelUsername: parameters.get('sentinel_username') ?? undefined,
        sentinelPassword: parameters.get('sentinel_password') ?? undefined,
        ...access,
        db: parseDb(rest),
      };
    }
    case 'cluster':
      if (segments.length > 0) throw new Error('REDIS_URL: a cluster has no numbered databases');
      return { kind: 'cluster', nodes: parseAddresses(hosts, 6379), ...access, db: 0 };
    default:
      throw new Error(MALFORMED);
  }
}

const MALFORMED =
  'REDIS_URL must be redis://host:6379, redis+sentinel://host:26379,host:26379/master or redis+cluster://host:6379,host:6379 (rediss for TLS)';

const URL_PATTERN =
  /^(?<scheme>rediss?)(?:\+(?<form>sentinel|cluster))?:\/\/(?:(?<user>[^@/]*)@)?(?<hosts>[^@/?#]+)(?<path>\/[^?#]*)?(?:\?(?<query>[^#]*))?$/;

function parseUser(user: string | undefined): Pick<RedisAccess, 'username' | 'password'> {
  if (user === undefined) return { username: undefined, password: undefined };
  const colon = user.indexOf(':');
  const [name, word] = colon < 0 ? [user, ''] : [user.slice(0, colon), user.slice(colon + 1)];
  return {
    username: name === '' ? undefined : decodeURIComponent(name),
    password: word === '' ? undefined : decodeURIComponent(word),
  };
}

function parseAddresses(hosts: string, defaultPort: number): RedisAddress[] {
  return hosts.split(',').map((text) => {
    const match = /^(?:\[(?<v6>[0-9a-fA-F:.]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d{1,5}))?$/.exec(text.trim());
    const host = match?.groups?.['v6'] ?? match?.groups?.['name'];
    const port = Number(match?.groups?.['port'] ?? defaultPort);
    if (host === undefined || port < 1 || port > 65_535) throw new Error(MALFORMED);
    return { host, port };
  });
}

function parseDb(segments: readonly string[]): number {
  const [text = '0', ...others] = segments;
  if (others.length > 0 || !/^\d{1,4}$/.test(text)) throw new Error(MALFORMED);
  return Number(text);
}
