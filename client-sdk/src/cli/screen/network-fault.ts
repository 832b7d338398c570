/** What Node reports of a connection, in the words of its caller. */
interface Fault {
  readonly code: string;
  /** Host and port, or the name that was looked up. */
  readonly place: string;
}

const CAUSES_MAX = 6;
const CERTIFICATE =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT)/;
const NO_TLS = /^(?:EPROTO|ERR_SSL_)/;
const NO_HTTP = /^(?:HPE_|UND_ERR_(?:HEADERS|RESPONSE|INVALID))/;

const SENTENCES: Readonly<Record<string, (place: string) => string>> = {
  ECONNREFUSED: (place) => `nothing listens at ${place}: start the server, or check the address (--url)`,
  ENOTFOUND: (place) => `there is no host named ${place}: check the address (--url)`,
  EAI_AGAIN: (place) => `the name ${place} cannot be looked up now: check the network and its DNS`,
  ECONNRESET: () => 'the connection was closed by the other side, or by a proxy between: try again',
  UND_ERR_SOCKET: () => 'the connection was closed by the other side, or by a proxy between: try again',
  EPIPE: () => 'the connection was closed by the other side, or by a proxy between: try again',
  ETIMEDOUT: (place) => `${place} does not answer: check the address (--url) and firewalls between`,
  UND_ERR_CONNECT_TIMEOUT: (place) =>
    `${place} does not answer: check the address (--url) and firewalls between`,
  EHOSTUNREACH: (place) => `no network leads to ${place}: check the network or the VPN`,
  ENETUNREACH: (place) => `no network leads to ${place}: check the network or the VPN`,
};

/** One sentence: what happened to a connection, and what to do about it. Undefined for any other error. */
export function networkFault(error: unknown): string | undefined {
  const fault = faultOf(error);
  if (fault === undefined) return undefined;
  const { code, place } = fault;
  const known = Object.hasOwn(SENTENCES, code) ? SENTENCES[code] : undefined;
  if (known !== undefined) return known(place);
  if (CERTIFICATE.test(code)) return certificateFault(code);
  if (NO_TLS.test(code)) return 'the server does not speak TLS there: try http:// in the address (--url)';
  if (NO_HTTP.test(code)) return 'what answers there does not speak HTTP: check the address (--url)';
  return undefined;
}

function certificateFault(code: string): string {
  if (code === 'CERT_HAS_EXPIRED') return "the server's certificate has expired: it must be renewed there";
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return "the server's certificate is for another name: use the name in the certificate (--url)";
  return "the server's certificate is not trusted: name its authority with NODE_EXTRA_CA_CERTS=/path/to/ca.pem";
}

/** The innermost cause with a code is the most specific: `fetch failed` is caused by `connect ECONNREFUSED …`. */
function faultOf(error: unknown): Fault | undefined {
  let found: Fault | undefined;
  let inner = error;
  for (let depth = 0; depth < CAUSES_MAX && isRecord(inner); depth += 1) {
    const { code, errors, cause } = inner;
    const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code)) {
      found = { code, place: placeOf(inner) ?? (isRecord(first) ? placeOf(first) : undefined) ?? 'it' };
    }
    inner = cause ?? first;
  }
  return found;
}

function placeOf({ address, port, hostname, host }: Readonly<Record<string, unknown>>): string | undefined {
  const name = [address, hostname, host].find((each) => typeof each === 'string');
  if (name === undefined) return undefined;
  return typeof port === 'number' ? `${name.includes(':') ? `[${name}]` : name}:${port}` : name;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
