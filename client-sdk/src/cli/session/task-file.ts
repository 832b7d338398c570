import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import type { CliSession } from './cli-session.js';
import { UsageError } from './exit-code.js';

/** The text of the file; `-` is standard input. Throws a UsageError that names the flag. */
export async function readTaskFile(session: CliSession, file: string): Promise<string> {
  if (file === '-') return text(session.process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new UsageError(`--task-file ${file} ${FAULTS[code] ?? `cannot be read: ${code}`}`);
  }
}

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder',
  EACCES: 'may not be read by you',
};
