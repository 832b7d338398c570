import { plainText } from './terminal-text.js';

/** What SkyPilot's server says to its own client between the lines. */
export type SkypilotPayload =
  /** The spinner's text; empty when the spinner goes away. */
  | { readonly kind: 'spinner'; readonly text: string }
  | { readonly kind: 'heartbeat' }
  /** The server goes away: the request is to be sent again. */
  | { readonly kind: 'retry' }
  /** Control text of a kind that is not known; never for people. */
  | { readonly kind: 'unknown' };

export interface DecodedLine {
  readonly payloads: readonly SkypilotPayload[];
  /** What stood around the payloads; undefined when there was nothing else. */
  readonly text: string | undefined;
}

const OPEN = '<sky-payload';
const CLOSE = '</sky-payload>';

/** Takes the control text out of one line of a `console` stream (it leaks into `plain` ones too). */
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
    // A payload that was cut: what is left of it is no text.
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

/** Only styles are markup: `[1/3]` and `[gpu]` are text. */
const STYLE =
  /\[(?:\/|\/?(?:(?:bold|dim|italic|underline|blink|reverse|strike|not|on|none|default|(?:bright_)?(?:black|red|green|yellow|blue|magenta|cyan|white)|#[0-9a-f]{6}|color\(\d{1,3}\)) ?)+)\]/g;

function withoutMarkup(text: string): string {
  return plainText(text.replace(STYLE, '')).trim();
}
