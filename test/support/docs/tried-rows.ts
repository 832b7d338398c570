import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const PAGE = fileURLToPath(new URL('../../../docs/compatibility.md', import.meta.url));

/** What `npm run test:compat` has tried of one kind, for the table of that kind in the documentation. */
export class TriedRows {
  readonly #kind: string;
  readonly #rows: (readonly [name: string, version: string, what: string])[] = [];

  /** `kind`: the word in the page's `<!-- tried: KIND -->`. */
  constructor(kind: string) {
    this.#kind = kind;
  }

  add(name: string, version: string, what: string): void {
    this.#rows.push([name, version, what]);
  }

  /** Replaces the table in the page, sorted, so that equal results are equal texts. */
  async write(): Promise<void> {
    const rows = this.#rows.map((row) => `| ${row.join(' | ')} |`).toSorted();
    const table = ['| name | version | what was tried |', '| - | - | - |', ...rows].join('\n');
    const [begin, end] = [`<!-- tried: ${this.#kind} -->`, `<!-- end: ${this.#kind} -->`];
    const text = readFileSync(PAGE, 'utf8');
    const [before, rest] = text.split(begin);
    const after = rest?.split(end)[1];
    if (before === undefined || after === undefined) throw new Error(`${PAGE} has no ${begin} … ${end}`);
    const options = { ...(await resolveConfig(PAGE)), parser: 'markdown' };
    writeFileSync(PAGE, await format(`${before}${begin}\n\n${table}\n\n${end}${after}`, options));
  }
}
