import { MASK } from './secret-formats.js';

/** Shorter values would mask ordinary words; a secret of so few characters is no secret. */
const VALUE_MIN_CHARACTERS = 6;

/** Finds the exact values of known secrets, also as URL, base64, JSON and shell text encode them. */
export class SecretValues {
  readonly #needles: readonly string[];

  constructor(values: Iterable<string>) {
    const needles = new Set<string>();
    for (const value of values) {
      for (const part of partsOf(value)) for (const form of encodingsOf(part)) needles.add(form);
    }
    // The longest first, so that a value that contains another is masked whole.
    this.#needles = [...needles].toSorted((a, b) => b.length - a.length);
  }

  get longest(): number {
    return this.#needles[0]?.length ?? 0;
  }

  mask(text: string): string {
    let masked = text;
    for (const needle of this.#needles) if (masked.includes(needle)) masked = masked.replaceAll(needle, MASK);
    return masked;
  }
}

/** A secret of several lines (a key file) reaches the log line by line. */
function partsOf(value: string): string[] {
  return [value, ...value.split(/\r?\n/)].filter((part) => part.trim().length >= VALUE_MIN_CHARACTERS);
}

function encodingsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  return [
    value,
    encodeURIComponent(value),
    encodeURIComponent(value).replaceAll('%20', '+'),
    JSON.stringify(value).slice(1, -1),
    bytes.toString('hex'),
    ...base64Cores(bytes),
  ].filter((form) => form.length >= VALUE_MIN_CHARACTERS);
}

/**
 * Base64 of the value at each of the three offsets it can have inside a longer text (`user:token`, say), without the
 * characters at either end that its neighbours also decide.
 */
function base64Cores(bytes: Buffer): string[] {
  const cores = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const first = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    return encoded.slice(first, end);
  });
  const urlSafe = cores.map((core) => core.replaceAll('+', '-').replaceAll('/', '_'));
  return [...cores, ...urlSafe].filter((core) => core.length >= 8);
}
