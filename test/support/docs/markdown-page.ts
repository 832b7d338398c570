import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

interface CodeBlock {
  readonly language: string;
  /** What stands as `test=<name>` behind the language; undefined where the block is not tested by a name. */
  readonly name: string | undefined;
  readonly text: string;
  readonly line: number;
}

interface PageLink {
  readonly target: string;
  readonly line: number;
}

/** One page of documentation as its readers see it: code blocks, headings, links, tables. */
export class MarkdownPage {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly codeBlocks: readonly CodeBlock[];
  readonly #prose: readonly string[];

  static read(path: string): MarkdownPage {
    return new MarkdownPage(path, readFileSync(root + path, 'utf8'));
  }

  private constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    const { blocks, prose } = splitCode(text.split('\n'));
    this.codeBlocks = blocks;
    this.#prose = prose;
  }

  code(name: string): CodeBlock {
    const found = this.codeBlocks.find((block) => block.name === name);
    if (found === undefined) throw new Error(`${this.path} has no code block test=${name}`);
    return found;
  }

  /** As GitHub makes them of the headings, repeated ones numbered. */
  get anchors(): ReadonlySet<string> {
    const anchors = new Set<string>();
    for (const line of this.#prose) {
      const heading = /^#{1,6} (.*)$/.exec(line)?.[1];
      if (heading === undefined) continue;
      const slug = slugOf(heading);
      let anchor = slug;
      for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
      anchors.add(anchor);
    }
    return anchors;
  }

  /** Inline links and images, outside code. */
  get links(): readonly PageLink[] {
    return this.#prose.flatMap((line, index) =>
      [...line.replace(/`[^`]*`/g, '').matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map(
        ([, target = '']) => ({ target, line: index + 1 }),
      ),
    );
  }

  /** Cells of every row of the tables, without heads; code marks and padding taken away. */
  tableRows(from = '', to?: string): string[][] {
    const start = from === '' ? 0 : this.#prose.findIndex((line) => line.includes(from));
    if (start < 0) throw new Error(`${this.path} has no line with '${from}'`);
    const end = to === undefined ? -1 : this.#prose.findIndex((line, at) => at > start && line.includes(to));
    const lines = this.#prose.slice(start, end < 0 ? undefined : end);
    const isRule = (line: string | undefined) => /^\|[ :|-]+\|$/.test(line ?? '');
    return lines
      .filter((line, at) => line.startsWith('|') && !isRule(line) && !isRule(lines[at + 1]))
      .map((line) =>
        line
          .slice(1, -1)
          .split(/(?<!\\)\|/)
          .map((cell) => cell.trim().replace(/^`([^`]*)`$/, '$1')),
      );
  }
}

/** Lines of code are empty in the prose, so that line numbers stay. */
function splitCode(lines: readonly string[]): { blocks: CodeBlock[]; prose: string[] } {
  const blocks: CodeBlock[] = [];
  const prose: string[] = [];
  let open: { fence: string; info: string; line: number; text: string[] } | undefined;
  for (const [index, line] of lines.entries()) {
    const fence = /^\s*(`{3,}|~{3,})(.*)$/.exec(line);
    if (open === undefined && fence === null) {
      prose.push(line);
      continue;
    }
    prose.push('');
    if (open === undefined)
      open = { fence: fence?.[1] ?? '', info: fence?.[2] ?? '', line: index + 1, text: [] };
    else if (line.trim() === open.fence) {
      const [language = '', ...rest] = open.info.trim().split(/\s+/);
      const name = /^test=(\S+)$/.exec(rest.find((word) => word.startsWith('test=')) ?? '')?.[1];
      blocks.push({ language, name, text: open.text.join('\n'), line: open.line });
      open = undefined;
    } else open.text.push(line);
  }
  if (open !== undefined) throw new Error(`a code block that begins at line ${open.line} has no end`);
  return { blocks, prose };
}

function slugOf(heading: string): string {
  return heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/`/g, '')
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}
