import { once } from 'node:events';
import type { Screen } from './screen.js';
import { rowsOf } from './text-width.js';

/** Time between two frames, milliseconds: the speed of the spinner, and the longest delay of a line. */
const FRAME_MS = 100;
/** Lines that wait for the next frame, so that a burst of them is one write and not thousands. */
const PENDING_MAX = 500;
const COLUMNS_DEFAULT = 80;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Line by line: at the top of the screen, some terminals move what `erase below` erases into their history. */
const UP_AND_ERASE = '\u001b[1A\u001b[2K';

/** For terminals: the log scrolls, and a footer of a few lines below it is redrawn on every frame. */
export class LiveScreen implements Screen {
  readonly #terminal: NodeJS.WriteStream;
  readonly #stderr: NodeJS.WriteStream;
  readonly #timer: ReturnType<typeof setInterval>;
  #pending: string[] = [];
  #footer: (columns: number) => readonly string[] = () => [];
  #drawn: readonly string[] = [];
  #closed = false;

  constructor(terminal: NodeJS.WriteStream, stderr: NodeJS.WriteStream) {
    this.#terminal = terminal;
    this.#stderr = stderr;
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
    terminal.write(HIDE_CURSOR);
  }

  async line(text: string): Promise<void> {
    this.#pending.push(text);
    if (this.#pending.length < PENDING_MAX) return;
    if (!this.#draw() && !this.#terminal.destroyed) await once(this.#terminal, 'drain');
  }

  /** Standard error may be the same terminal, so the footer is erased while the remark is written. */
  remark(text: string): void {
    this.#flush(() => []);
    this.#stderr.write(`${text}\n`);
    this.#draw();
  }

  footer(lines: (columns: number) => readonly string[]): void {
    this.#footer = lines;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#flush(() => []);
    this.#terminal.write(SHOW_CURSOR);
  }

  #draw(): boolean {
    return this.#flush(this.#footer);
  }

  /** Draws in one write, so that no partial frame is visible. */
  #flush(footer: (columns: number) => readonly string[]): boolean {
    const columns = this.#terminal.columns || COLUMNS_DEFAULT;
    const lines = footer(columns);
    // A terminal that became narrower has wrapped the lines that were drawn for a wider one.
    const drawnRows = this.#drawn.reduce((rows, line) => rows + rowsOf(line, columns), 0);
    const erased = UP_AND_ERASE.repeat(drawnRows);
    const text = [...this.#pending, ...lines].map((line) => `${line}\n`).join('');
    this.#pending = [];
    this.#drawn = lines;
    return this.#terminal.write(`\r${erased}${text}`);
  }
}
