import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../within.js';

interface PseudoTerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** A real terminal, run by tmux on its own socket: its screen shows what a person would see. */
export class PseudoTerminal {
  readonly #folder = mkdtempSync(join(tmpdir(), 'launchlog-tty-'));

  constructor(command: readonly string[], { columns = 100, rows = 40, environment }: PseudoTerminalOptions) {
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const line = ['env', ...variables, ...command].map(quoted).join(' ');
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-x', String(columns), '-y', String(rows), 'sh');
    this.#tmux('set-option', '-g', 'history-limit', '50000');
    this.type(`PS1='$ '; clear; ${line}; echo "exit=$?"`, 'Enter');
  }

  /** Presses keys, in tmux notation: text, `Enter`, `C-c`. */
  type(...keys: readonly string[]): void {
    this.#tmux('send-keys', ...keys);
  }

  /** Resizes the window, as a person does by dragging its edge. */
  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** The text of the screen, with the lines that scrolled out of it on request. */
  text(history = false): string {
    return this.#tmux('capture-pane', '-p', '-J', ...(history ? ['-S', '-'] : []));
  }

  /** The screen with its colours as escape sequences. */
  styledText(): string {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  cursorVisible(): boolean {
    return this.#tmux('display-message', '-p', '#{cursor_flag}').trim() === '1';
  }

  shows(pattern: RegExp): Promise<string> {
    return eventually(
      () => `${String(pattern)} in:\n${this.text(true)}`,
      () => {
        const text = this.text(true);
        return pattern.test(text) && text;
      },
    );
  }

  /** Waits for the command to end. */
  async exitCode(): Promise<number> {
    const text = await this.shows(/^exit=\d+$/m);
    return Number(/^exit=(\d+)$/m.exec(text)?.[1]);
  }

  close(): void {
    this.#tmux('kill-server');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-S', join(this.#folder, 'socket'), ...args], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', TERM: 'xterm-256color' },
    });
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
