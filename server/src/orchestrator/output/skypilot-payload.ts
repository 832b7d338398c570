import { plainText } from './terminal-text.js';

/** A control message from SkyPilot's server to its own client, sent between the lines of output. */
type SkypilotPayload =
  /** The spinner's text; empty when the spinner disappears. */
  | { readonly kind: 'spinner'; readonly text: string }
  | { readonly kind: 'heartbeat' }
  /** The server is shutting down and asks for the request again. */
  | { readonly kind: 'retry' }
  /** Control text of an unknown kind; never shown to people. */
  | { readonly kind: 'unknown' };

interface DecodedLine {
  readonly payloads: readonly SkypilotPayload[];
  /** The text around the payloads; undefined if there is none. */
  readonly text: string | undefined;
}

const OPEN = '<sky-payload';
const CLOSE = '</sky-payload>';

/** Separates the control text from one line of a `console` stream (it leaks into `plain` streams too). */
export function decodePayloadLine(line: string): DecodedLine {
  if (!line.includes(OPEN)) return { payloads: [], text: line };
  const payloads: SkypilotPayload[] = [];
  let text = '';
  let at = 0;
  for (;;) {
    const open = line.indexOf(OPEN, at);
    if (open === -1) break;
    const body = line.indexOf('>', open + OPEN.length);
    const close = body === -1 ? -1 : line.indexOf(CLOSE, body);
    text += line.slice(at, open);
    // The rest of a payload that was cut is not text either.
    at = close === -1 ? line.length : close + CLOSE.length;
    payloads.push(close === -1 ? { kind: 'unknown' } : decodePayload(line.slice(body + 1, close)));
  }
  text += line.slice(at);
  return { payloads, text: plainText(text) === '' ? undefined : text };
}

const CONTROL = /^<([a-z_]+)>([^]*?)(?:<\/\1>)?$/;

function decodePayload(json: string): SkypilotPayload {
  const [, tag = '', text = ''] = CONTROL.exec(parseString(json) ?? '') ?? [];
  switch (tag) {
    case 'rich_init':
    case 'rich_start':
    case 'rich_update':
      return { kind: 'spinner', text: withoutMarkup(text) };
    case 'rich_stop':
    case 'rich_exit':
      return { kind: 'spinner', text: '' };
    case 'heartbeat':
      return { kind: 'heartbeat' };
    case 'retry':
      return { kind: 'retry' };
    default:
      return { kind: 'unknown' };
  }
}

function parseString(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Only styles count as markup: `[1/3]` and `[gpu]` are text. */
const STYLE =
  /\[(?:\/|\/?(?:(?:bold|dim|italic|underline|blink|reverse|strike|not|on|none|default|(?:bright_)?(?:black|red|green|yellow|blue|magenta|cyan|white)|#[0-9a-f]{6}|color\(\d{1,3}\)) ?)+)\]/g;

function withoutMarkup(text: string): string {
  return plainText(text.replace(STYLE, '')).trim();
}
