import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { ChildRun } from '../process/child-run.js';
import type { MarkdownPage } from './markdown-page.js';

const CACHE = fileURLToPath(new URL('../../../.cache', import.meta.url));

/** Where the examples of a page are put to be run: inside the repository, so that their packages are found. */
export class DocumentedPrograms {
  readonly #page: MarkdownPage;
  /** Where they run, and find or leave files. */
  readonly folder: string;

  static async of(page: MarkdownPage): Promise<DocumentedPrograms> {
    await mkdir(CACHE, { recursive: true });
    return new DocumentedPrograms(page, await mkdtemp(join(CACHE, 'docs-examples-')));
  }

  private constructor(page: MarkdownPage, folder: string) {
    this.#page = page;
    this.folder = folder;
  }

  /** Runs a block of shell exactly as it stands on the page. */
  shell(name: string, environment: Readonly<Record<string, string>>): ChildRun {
    return new ChildRun('bash', ['-ec', this.#page.code(name).text], {
      environment,
      folder: this.folder,
    });
  }

  /** Starts a program as it stands on the page, except that the types of TypeScript are taken away. */
  async start(
    name: string,
    args: readonly string[],
    options: { readonly python?: string; readonly environment: Readonly<Record<string, string>> },
  ): Promise<ChildRun> {
    const { text } = this.#page.code(name);
    const { environment } = options;
    const folder = this.folder;
    if (name.endsWith('.py')) {
      await writeFile(join(folder, name), text);
      return new ChildRun(options.python ?? 'python3', ['-u', name, ...args], { folder, environment });
    }
    const file = name.replace(/\.ts$/, '.mjs');
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 };
    const source = name.endsWith('.ts') ? ts.transpileModule(text, { compilerOptions }).outputText : text;
    await writeFile(join(folder, file), source);
    return new ChildRun(process.execPath, [file, ...args], { folder, environment });
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
