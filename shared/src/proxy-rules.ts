/** The proxies of the environment, as URLs, and what does not go through them. */
export interface ProxySettings {
  /** For `http://` addresses. */
  readonly http: string | undefined;
  /** For `https://` addresses. */
  readonly https: string | undefined;
  /** As in `NO_PROXY`: names, addresses and networks, separated by commas or spaces; `*` is everything. */
  readonly except: string;
}

/**
 * Which proxy a call goes through. `NO_PROXY` is read as curl and Go read it: `example.com` also means every name below
 * it, a port narrows an entry, and networks are written as `10.0.0.0/8`. This machine itself is called without a proxy,
 * unless the proxy runs on it too: any other proxy would take `127.0.0.1` for its own machine.
 */
export class ProxyRules {
  readonly #http: URL | undefined;
  readonly #https: URL | undefined;
  readonly #exceptions: readonly Exception[];

  constructor({ http, https, except }: ProxySettings) {
    this.#http = http === undefined ? undefined : new URL(http);
    this.#https = https === undefined ? undefined : new URL(https);
    this.#exceptions = except.split(/[\s,]+/).flatMap(exceptionOf);
  }

  /** Undefined where the call is made directly. */
  proxyFor(url: URL): URL | undefined {
    const proxy = url.protocol === 'https:' ? this.#https : this.#http;
    if (proxy === undefined) return undefined;
    const target = { host: hostOf(url), port: portOf(url) };
    if (this.#exceptions.some((matches) => matches(target))) return undefined;
    return isLoopback(target.host) && !isLoopback(hostOf(proxy)) ? undefined : proxy;
  }
}

interface Target {
  readonly host: string;
  readonly port: string;
}

type Exception = (target: Target) => boolean;

const NAME = /^\*?\.?(?<name>[^:/\s]+?)\.?(?::(?<port>\d{1,5}))?$/;
const BRACKETED = /^\[(?<address>[^\]]+)\](?::(?<port>\d{1,5}))?$/;
const NETWORK = /^(?<address>[^/]+)\/(?<bits>\d{1,3})$/;

function exceptionOf(text: string): Exception[] {
  if (text === '') return [];
  if (text === '*') return [() => true];
  const network = NETWORK.exec(text)?.groups;
  if (network !== undefined) return inNetwork(network['address'], Number(network['bits']));
  if (addressOf(text) !== undefined) return inNetwork(text);
  const bracketed = BRACKETED.exec(text)?.groups;
  if (bracketed !== undefined) {
    return inNetwork(bracketed['address']).map((match) => atPort(match, bracketed['port']));
  }
  const { name, port } = NAME.exec(text.toLowerCase())?.groups ?? {};
  if (name === undefined) return [];
  if (addressOf(name) !== undefined) return inNetwork(name).map((match) => atPort(match, port));
  return [atPort(({ host }) => host === name || host.endsWith(`.${name}`), port)];
}

function atPort(match: Exception, port: string | undefined): Exception {
  return (target) => (port === undefined || port === target.port) && match(target);
}

/** Empty where that is no network. */
function inNetwork(text = '', bits?: number): Exception[] {
  const network = addressOf(text);
  if (network === undefined || (bits !== undefined && bits > network.length)) return [];
  const hostBits = BigInt(network.length - (bits ?? network.length));
  return [
    ({ host }) => {
      const address = addressOf(host);
      return address?.length === network.length && address.value >> hostBits === network.value >> hostBits;
    },
  ];
}

interface Address {
  /** Bits. */
  readonly length: 32 | 128;
  readonly value: bigint;
}

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const IPV6 = /^[0-9a-f:]*:[0-9a-f:.]*$/i;

/** Undefined where that is a name. */
function addressOf(host: string): Address | undefined {
  if (IPV4.test(host)) {
    const bytes = host.split('.').map(Number);
    if (bytes.some((byte) => byte > 255)) return undefined;
    return { length: 32, value: bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n) };
  }
  if (!IPV6.test(host) || !URL.canParse(`http://[${host}]/`)) return undefined;
  // The parser writes it as hexadecimal groups, of which `::` stands for those that are zero.
  const [front = '', back] = new URL(`http://[${host}]/`).hostname.slice(1, -1).split('::');
  const [before, after] = [front, back ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const zeros = 8 - (before?.length ?? 0) - (after?.length ?? 0);
  const groups = [...(before ?? []), ...Array.from({ length: zeros }, () => '0'), ...(after ?? [])];
  return { length: 128, value: groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n) };
}

const LOOPBACK = [...inNetwork('127.0.0.0', 8), ...inNetwork('::1')];

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return LOOPBACK.some((matches) => matches({ host, port: '' }));
}

/** An IPv6 address without its brackets, a name without the dot at its end. */
function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname.toLowerCase().replace(/\.$/, '');
}

function portOf({ port, protocol }: URL): string {
  return port === '' ? (protocol === 'https:' ? '443' : '80') : port;
}
