import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

// By the server's program: the benchmark runs a compiled copy of this file from another folder.
const ROOT = path.resolve(createRequire(import.meta.url).resolve('@launchlog/server/main'), '../../..');
const CACHE = path.join(ROOT, '.cache');

/**
 * A folder that takes seconds of CPU to make and milliseconds to copy. The first test that needs it makes it; it stays in
 * `.cache` for later runs. Its name contains everything that its content depends on.
 */
export class TemplateFolder {
  readonly #template: string;
  readonly #make: (folder: string) => Promise<void>;

  /** `make` writes the folder, which does not exist yet. */
  constructor(name: string, make: (folder: string) => Promise<void>) {
    this.#template = path.join(CACHE, name);
    this.#make = make;
  }

  /** Makes a copy with the owners and modes of the original. Its parents are created, for the user alone. */
  async copyTo(folder: string): Promise<void> {
    if (!existsSync(this.#template)) await this.#makeTemplate();
    mkdirSync(path.dirname(folder), { recursive: true, mode: 0o700 });
    copyFolder(this.#template, folder);
  }

  async #makeTemplate(): Promise<void> {
    mkdirSync(CACHE, { recursive: true });
    const draft = mkdtempSync(path.join(CACHE, 'template-'));
    const folder = path.join(draft, 'folder');
    try {
      await this.#make(folder);
      renameSync(folder, this.#template);
    } catch (error) {
      // Another test file may have made it.
      if (!existsSync(this.#template)) throw error;
    } finally {
      rmSync(draft, { recursive: true });
    }
  }
}

/** Copies with owners and modes, which `cp` of Node does not keep. */
export function copyFolder(from: string, to: string): void {
  execFileSync('cp', ['-a', `${from}/.`, to], { stdio: 'pipe' });
}
