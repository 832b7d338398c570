import { once } from 'node:events';
import type { Screen } from './screen.js';

/** For pipes, files and dumb terminals: the log goes to standard output, remarks go to standard error. */
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
    // A pipe cannot redraw lines.
  }

  close(): void {
    // Nothing to restore.
  }
}
