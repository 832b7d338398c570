import type { DoctorFinding } from '@launchlog/shared/doctor';

/** How a request arrived, before any header of it was removed. */
export interface SeenRequest {
  /** Names and values of all headers as they came, names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The address of the connection. */
  readonly peer: string;
  /** The address that counts as the client's. */
  readonly address: string;
}

export interface ProxySettings {
  readonly cookieSecure: boolean;
  readonly publicUrl: string | undefined;
}

/** Reads the raw headers: those of an untrusted proxy are removed from the request that all others read. */
export function seenRequest({ rawHeaders, socket }: RawRequest, address: string): SeenRequest {
  const headers = new Map<string, string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    headers.set((rawHeaders[at] ?? '').toLowerCase(), rawHeaders[at + 1] ?? '');
  }
  return { headers, peer: socket.remoteAddress ?? 'unknown', address };
}

/** The fields of node:http's request that are read. */
interface RawRequest {
  readonly rawHeaders: readonly string[];
  readonly socket: { readonly remoteAddress?: string | undefined };
}

const MARKS = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'x-forwarded-host', 'x-forwarded-proto'];

/** The proxies in front of this server, as one request shows them. */
export function proxyFindings(
  seen: SeenRequest,
  { cookieSecure, publicUrl }: ProxySettings,
): DoctorFinding[] {
  const marks = MARKS.filter((name) => seen.headers.has(name));
  if (marks.length === 0) {
    return [
      { check: 'proxy', status: 'ok', message: `no proxy is seen: the request came from ${seen.peer}` },
    ];
  }
  const findings: DoctorFinding[] = [addresses(seen)];
  const isTls = /\bhttps\b/i.test(
    `${seen.headers.get('x-forwarded-proto') ?? ''} ${seen.headers.get('forwarded') ?? ''}`,
  );
  if (isTls && !cookieSecure) {
    const message = 'the proxy takes TLS, and the cookie of the console is also sent without';
    findings.push({ check: 'proxy', status: 'warn', message, remedy: 'Set COOKIE_SECURE=true' });
  }
  if (publicUrl === undefined) {
    const message = 'notifications cannot link to the console behind the proxy';
    findings.push({ check: 'proxy', status: 'warn', message, remedy: 'Set PUBLIC_URL' });
  }
  return findings;
}

function addresses({ headers, peer, address }: SeenRequest): DoctorFinding {
  const named = headers.has('x-forwarded-for') || headers.has('forwarded');
  if (!named) {
    const message = `the proxy at ${peer} does not name its clients: all of them share one limit`;
    const remedy = 'Let it send X-Forwarded-For, and add its address to TRUSTED_PROXIES';
    return { check: 'proxy', status: 'warn', message, remedy };
  }
  if (address !== peer) {
    return { check: 'proxy', status: 'ok', message: `the proxy at ${peer} names ${address} as the client` };
  }
  const message = `the proxy at ${peer} is not trusted: all of its clients share one limit`;
  return { check: 'proxy', status: 'warn', message, remedy: `Add ${peer} to TRUSTED_PROXIES` };
}
