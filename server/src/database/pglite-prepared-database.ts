import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** The size of a block of a tar archive, and its type for a folder. */
const BLOCK_BYTES = 512;
const DIRECTORY = '5';

/**
 * Fills an empty folder with a new, empty database that the build has made, whole or not at all. Does nothing where the
 * folder holds something, or where there is no archive: PGlite then creates the database itself, which takes 750 MB of memory.
 * See decision 179.
 */
export async function unpackPreparedDatabase(archive: string, directory: string): Promise<void> {
  const isEmpty = (await readdir(directory)).length === 0;
  const packed = isEmpty ? await open(archive).catch(() => undefined) : undefined;
  if (packed === undefined) return;
  const draft = `${directory}.draft`;
  await rm(draft, { recursive: true, force: true });
  await pipeline(packed.createReadStream(), createGunzip(), (bytes: AsyncIterable<Buffer>) =>
    unpack(bytes, draft),
  );
  await rmdir(directory);
  await rename(draft, directory);
}

/** Reads a tar archive of files and folders, piece by piece. */
async function unpack(bytes: AsyncIterable<Buffer>, folder: string): Promise<void> {
  const tar = new ByteReader(bytes);
  await mkdir(folder, { mode: FOLDER_MODE });
  for (;;) {
    const head = await tar.take(BLOCK_BYTES);
    const name = textOf(head, 0, 100);
    // Two empty blocks end the archive.
    if (name === '') return tar.end();
    const size = Number.parseInt(textOf(head, 124, 12), 8);
    const path = join(folder, textOf(head, 345, 155), name);
    if (textOf(head, 156, 1) === DIRECTORY) await mkdir(path, { recursive: true, mode: FOLDER_MODE });
    else await writeNew(path, tar.pieces(size));
    await tar.take((BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES);
  }
}

class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  async take(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.pieces(length)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** Reads the rest, which is not needed: only its end shows that the archive is complete. */
  async end(): Promise<void> {
    while ((await this.#chunks.next()).done !== true);
  }

  /** The next bytes as they come. Rejects where there are fewer. */
  async *pieces(length: number): AsyncGenerator<Buffer> {
    for (let missing = length; missing > 0;) {
      if (this.#chunk.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true) throw new Error('the archive of the prepared database ends too early');
        this.#chunk = next.value;
      }
      const piece = this.#chunk.subarray(0, missing);
      this.#chunk = this.#chunk.subarray(piece.length);
      missing -= piece.length;
      yield piece;
    }
  }
}

async function writeNew(path: string, pieces: AsyncIterable<Buffer>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
  const file = await open(path, 'wx', FILE_MODE);
  try {
    for await (const piece of pieces) await file.writeFile(piece);
  } finally {
    await file.close();
  }
}

/** A field of a tar header ends with its first zero. */
function textOf(head: Buffer, from: number, length: number): string {
  const field = head.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? length : end);
}
