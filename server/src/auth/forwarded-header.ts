/** One proxy's part of a `Forwarded` header (RFC 7239). */
interface ForwardedElement {
  readonly for?: string;
  readonly host?: string;
}

const ELEMENTS_MAX = 20;
const PAIR = /\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))\s*/y;

/**
 * The last elements, in the order in which the proxies wrote them; clients can forge the first ones. Empty if any is
 * malformed.
 */
export function forwardedElements(header: string | undefined): readonly ForwardedElement[] {
  const elements: Record<string, string>[] = [{}];
  const text = header ?? '';
  PAIR.lastIndex = 0;
  for (let at = 0; at < text.length; at = PAIR.lastIndex) {
    const pair = PAIR.exec(text);
    if (pair === null) return [];
    const [, name = '', quoted, plain = ''] = pair;
    const current = elements.at(-1) ?? {};
    current[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain;
    const separator = text[PAIR.lastIndex];
    if (separator === undefined) break;
    if (separator !== ';' && separator !== ',') return [];
    if (separator === ',') elements.push({});
    PAIR.lastIndex += 1;
  }
  return elements.slice(-ELEMENTS_MAX);
}

/**
 * The address in a hop of `X-Forwarded-For` or in `for=`: `192.0.2.1`, `192.0.2.1:4711`, `[2001:db8::1]:4711`, and IPv6 without
 * brackets. Anything else, such as `unknown` or `_hidden`, is returned as it is.
 */
export function hopAddress(hop: string): string {
  const text = hop.trim().replace(/^"(.*)"$/, '$1');
  const bracketed = /^\[([0-9a-fA-F:.]+)\](?::\d{1,5})?$/.exec(text)?.[1];
  const withPort = /^(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}$/.exec(text)?.[1];
  const address = bracketed ?? withPort ?? text;
  return address.toLowerCase().startsWith('::ffff:') && address.includes('.')
    ? address.slice('::ffff:'.length)
    : address;
}
