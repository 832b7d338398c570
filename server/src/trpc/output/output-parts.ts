import { randomUUID } from 'node:crypto';
import { LogRecord } from '../../log/log-record.js';
import { heavyWork } from '../../wait/fair-turns.js';
import { isJsonTree } from './serialized-output.js';

/** What is rendered in one turn of the event loop, a few milliseconds: items, and characters apart from a single longer item. */
const PIECE_MAX_ITEMS = 256;
const PIECE_MAX_CHARACTERS = 256 * 1024;

/** A list as JSON: as text where it is one piece, otherwise as bytes. */
type RenderedList = string | readonly Buffer[];

/**
 * The lists in the answers of one request or one socket, rendered before tRPC sees them. tRPC renders an answer at once and holds
 * the event loop meanwhile: so it gets a placeholder for each list, and the list is filled into the text that it makes. A
 * placeholder cannot be guessed, so that no text of a caller is taken for one. See decision 208.
 */
export class OutputParts {
  readonly #opening = `"${randomUUID()}:`;
  readonly #rendered = new Map<string, RenderedList>();
  #placeholders = 0;

  /**
   * The output with placeholders for its lists, which are rendered in turns of the event loop. A `LogRecord` stands for its entry.
   * An output that is not plain JSON keeps its lists: superjson describes it as a whole.
   */
  async hold(output: unknown): Promise<unknown> {
    if (!isPlainObject(output)) return output;
    const seen = new Set<object>();
    const lists = new Map<string, RenderedList>();
    for (const [name, value] of Object.entries(output)) {
      if (!Array.isArray(value)) {
        if (typeof value === 'object' && !isJsonTree(value, seen)) return withEntries(output);
        continue;
      }
      const list = await renderedList(value, seen);
      if (list === undefined) return withEntries(output);
      lists.set(name, list);
    }
    const held = [...lists].map(([name, list]) => [name, this.#placeholderOf(list)]);
    return { ...output, ...Object.fromEntries(held) };
  }

  /** What tRPC has made of outputs, with the lists in their places: as text, or as bytes in pieces if a list of it is. */
  fill(text: string): string | Buffer[] {
    if (this.#rendered.size === 0) return text;
    const [first = '', ...others] = text.split(this.#opening);
    const pieces: Buffer[] = [];
    let open = first;
    for (const other of others) {
      const end = other.indexOf('"');
      const list = this.#take(other.slice(0, end));
      if (typeof list === 'string') open += list;
      else {
        pieces.push(Buffer.from(open), ...list);
        open = '';
      }
      open += other.slice(end + 1);
    }
    return pieces.length === 0 ? open : [...pieces, Buffer.from(open)];
  }

  #placeholderOf(list: RenderedList): string {
    const number = String((this.#placeholders += 1));
    this.#rendered.set(number, list);
    return `${this.#opening.slice(1)}${number}`;
  }

  #take(number: string): RenderedList {
    const list = this.#rendered.get(number) ?? '';
    this.#rendered.delete(number);
    return list;
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Undefined for a list that is not plain JSON. `seen`: as in `isJsonTree`. */
async function renderedList(items: readonly unknown[], seen: Set<object>): Promise<RenderedList | undefined> {
  if (seen.has(items)) return undefined;
  seen.add(items);
  const pieces: Buffer[] = [];
  let text = '[';
  let count = 0;
  for (const item of items) {
    if (count === PIECE_MAX_ITEMS || text.length > PIECE_MAX_CHARACTERS) {
      pieces.push(Buffer.from(text));
      await heavyWork.turn();
      text = '';
      count = 0;
    }
    const json = jsonOf(item, seen);
    if (json === undefined) return undefined;
    text += pieces.length > 0 || count > 0 ? `,${json}` : json;
    count += 1;
  }
  text += ']';
  return pieces.length === 0 ? text : [...pieces, Buffer.from(text)];
}

/** Undefined for what is not plain JSON. A plain line of a log is known to be, and needs no parsing. */
function jsonOf(item: unknown, seen: Set<object>): string | undefined {
  const plain = item instanceof LogRecord ? item.plainJson : undefined;
  if (plain !== undefined) return plain;
  const value = item instanceof LogRecord ? item.entry : item;
  return isJsonTree(value, seen) ? JSON.stringify(value) : undefined;
}

/** The output with entries in the place of records. */
function withEntries(output: Record<string, unknown>): Record<string, unknown> {
  const isLog = (value: unknown): value is readonly LogRecord[] =>
    Array.isArray(value) && value[0] instanceof LogRecord;
  const parsed = (value: unknown): unknown => (isLog(value) ? value.map(({ entry }) => entry) : value);
  return Object.fromEntries(Object.entries(output).map(([name, value]) => [name, parsed(value)]));
}
