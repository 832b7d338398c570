interface UnknownWord {
  readonly table: string;
  readonly field: string;
  readonly word: string;
  /** What identifies the first row that was seen with it. */
  readonly id: string;
}

/** The most different words that are reported: a newer release does not add that many. */
const REPORTED_MAX = 100;
const WORD_MAX_CHARACTERS = 100;

/**
 * Reports each word of a stored row that this release does not know, once in the life of the process. A newer release, or another
 * program, has written it; people see it as it is. See decision 189.
 */
export class UnknownWords {
  readonly #onUnknown: (found: UnknownWord) => void;
  readonly #reported = new Set<string>();

  constructor(onUnknown: (found: UnknownWord) => void) {
    this.#onUnknown = onUnknown;
  }

  report({ word, ...where }: UnknownWord): void {
    const shown = word.slice(0, WORD_MAX_CHARACTERS);
    const key = `${where.table} ${where.field} ${shown}`;
    if (this.#reported.has(key) || this.#reported.size >= REPORTED_MAX) return;
    this.#reported.add(key);
    this.#onUnknown({ ...where, word: shown });
  }
}

/** The fields of a table that hold a word or a list of words, and the words of this release. */
export class WordFields<Field extends string> {
  readonly #table: string;
  readonly #known: readonly (readonly [Field, ReadonlySet<unknown>])[];

  constructor(table: string, known: Readonly<Record<Field, readonly string[]>>) {
    this.#table = table;
    this.#known = Object.keys(known).map((field) => [field as Field, new Set(known[field as Field])]);
  }

  /** Looks at a row as it was read. What is absent or is no text is no word. */
  look(words: UnknownWords | undefined, id: unknown, row: Readonly<Partial<Record<Field, unknown>>>): void {
    if (words === undefined) return;
    for (const [field, known] of this.#known) {
      const value = row[field];
      for (const word of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
        if (typeof word === 'string' && !known.has(word)) {
          words.report({ table: this.#table, field, word, id: String(id) });
        }
      }
    }
  }
}
