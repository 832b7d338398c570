import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';

declare global {
  /** Whether the refusal is switched off in this run. */
  var __refusal: (id: string) => boolean;
}

/** Holds the id of the refusal that is switched off, and what was reached by each file of tests. */
const folder = process.env['GUARDS_FOLDER'] ?? '';
const offFile = join(folder, 'off');
const off = existsSync(offFile) ? readFileSync(offFile, 'utf8') : '';
const reached = new Set<string>();

globalThis.__refusal = (id) => {
  reached.add(id);
  return id === off;
};

afterAll(() => {
  if (off !== '') return;
  const name = encodeURIComponent(expect.getState().testPath ?? 'unknown');
  writeFileSync(join(folder, `${name}.json`), JSON.stringify([...reached]));
});
