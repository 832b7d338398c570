import { readFile } from 'node:fs/promises';

/** A setting, or the content of the file that its other variable names. Throws an error that names the variable. */
export async function settingOrFile(
  variable: string,
  value: string | undefined,
  path: string | undefined,
): Promise<string | undefined> {
  if (path === undefined) return value;
  if (value !== undefined)
    throw new Error(`${variable} and ${variable}_FILE are both set: remove one of them`);
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : '';
    throw new Error(`${variable}_FILE cannot be read: ${why}`, { cause });
  }
}
