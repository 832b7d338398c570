import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { filesBelow, fingerprintOf } from './fingerprint.js';

/**
 * A part of the build that runs only if its inputs changed or one of its outputs is gone. `inputs` and `outputs` are files
 * and folders below `root`; `run` gets the files that the last build wrote.
 */
export class BuildStep {
  name;
  #root;
  #inputs;
  #outputs;
  #run;

  constructor({ root, name, inputs, outputs, run }) {
    this.name = name;
    this.#root = root;
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.#run = run;
  }

  /** Returns the fingerprint of the inputs, or undefined if there is nothing to do. Steps that are asked at one time share `known`. */
  async wanted(known) {
    const fingerprint = await fingerprintOf(this.#root, this.#inputs, known);
    const last = await this.#last();
    if (last?.fingerprint !== fingerprint) return fingerprint;
    const present = await Promise.all(last.files.map((file) => this.#exists(file)));
    return last.files.length > 0 && present.every(Boolean) ? undefined : fingerprint;
  }

  /** Builds, and remembers it once it has succeeded: an interrupted build is repeated. Returns the seconds it took. */
  async build(fingerprint) {
    const startedAt = performance.now();
    const last = await this.#last();
    await rm(this.#stamp, { force: true });
    await this.#run(last?.files ?? []);
    const files = await Promise.all(this.#outputs.map((path) => filesBelow(join(this.#root, path))));
    const names = files.flat().map((file) => relative(this.#root, file));
    await mkdir(dirname(this.#stamp), { recursive: true });
    await writeFile(this.#stamp, JSON.stringify({ fingerprint, files: names }));
    return (performance.now() - startedAt) / 1_000;
  }

  get #stamp() {
    return join(this.#root, '.cache/build', `${this.name.replaceAll(' ', '-')}.json`);
  }

  async #last() {
    try {
      return JSON.parse(await readFile(this.#stamp, 'utf8'));
    } catch {
      return undefined;
    }
  }

  async #exists(file) {
    return (await stat(join(this.#root, file)).catch(() => undefined)) !== undefined;
  }
}
