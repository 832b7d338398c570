import { open } from 'node:fs/promises';

const HEAD_BYTES = 4_096;
/** `#!/usr/bin/env python3`, `#!/opt/sky/bin/python3.11 -E`. */
const PLAIN = /^#![ \t]*(?:(\S*\/env)(?:[ \t]+-S)?[ \t]+)?(\S*python[\d.]*)(?=[ \t\r\n]|$)/;
/** The first lines that pip writes if the path is too long for one, or has a space. */
const WRAPPED = /^#!\/bin\/sh\r?\n'''exec' (?:"([^"\n]*python[\d.]*)"|(\S*python[\d.]*)) /;

/**
 * The words that run the interpreter for which a Python program was installed, from its first lines. Undefined for a
 * program of another kind.
 */
export async function pythonOfProgram(file: string): Promise<readonly string[] | undefined> {
  const head = await headOf(file);
  const [, env, python] = PLAIN.exec(head) ?? [];
  if (python !== undefined) return env === undefined ? [python] : [env, python];
  const [, quoted, bare] = WRAPPED.exec(head) ?? [];
  const wrapped = quoted ?? bare;
  return wrapped === undefined ? undefined : [wrapped];
}

async function headOf(file: string): Promise<string> {
  const opened = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await opened.close();
  }
}
