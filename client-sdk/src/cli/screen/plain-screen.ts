import { once } from 'node:events';
import type { Screen } from './screen.js';

/** For pipes, files and dumb terminals: the log to standard output, remarks to standard error, nothing that moves. */
export class PlainScreen implements Screen {
  readonly #stdout: NodeJS.WriteStream;
  readonly #stderr: NodeJS.WriteStream;

  constructor(stdout: NodeJS.WriteStream, stderr: NodeJS.WriteStream) {
    this.#stdout = stdout;
    this.#stderr = stderr;
  }

  async line(text: string): Promise<void> {
    if (!this.#stdout.write(`${text}\n`) && !this.#stdout.destroyed) await once(this.#stdout, 'drain');
  }

  remark(text: string): void {
    this.#stderr.write(`${text}\n`);
  }

  footer(): void {
    // A pipe has no place below the log.
  }

  close(): void {
    // Nothing was changed that would have to be put back.
  }
}
