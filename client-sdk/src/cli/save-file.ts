import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Under its name only when it is complete. */
export async function saveFile(
  chunks: AsyncIterable<string | Uint8Array>,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const draft = `${path}.part`;
  try {
    await pipeline(chunks, createWriteStream(draft));
    if (signal.aborted) await rm(draft, { force: true });
    else await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
