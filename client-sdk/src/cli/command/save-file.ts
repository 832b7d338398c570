import { createWriteStream } from 'node:fs';
import { realpath, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Writes to `<path>.part` and renames it once it is complete. Devices and pipes are written directly. */
export async function saveFile(
  chunks: AsyncIterable<string | Uint8Array>,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && !found.isFile()) return pipeline(chunks, createWriteStream(path));
  // Keep a symbolic link: replace the file it points to.
  const target = found === undefined ? path : await realpath(path);
  const draft = `${target}.part`;
  try {
    await pipeline(chunks, createWriteStream(draft));
    if (signal.aborted) await rm(draft, { force: true });
    else await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
