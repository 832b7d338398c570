import type { LogLevel } from '@launchlog/shared/log-entry';
import type { NodeStatus } from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';

type Paint = (text: string) => string;

/** Colours where they are wanted, nothing where they are not. */
export class Style {
  readonly colours: boolean;

  constructor(colours: boolean) {
    this.colours = colours;
  }

  /** Colours are for a terminal that can show them to somebody who did not decline: https://no-color.org */
  static for(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv, wanted: boolean): Style {
    const declined = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
    return new Style(wanted && !declined && stream.isTTY === true);
  }

  bold: Paint = (text) => this.#paint('1', text);
  dim: Paint = (text) => this.#paint('2', text);
  red: Paint = (text) => this.#paint('31', text);
  green: Paint = (text) => this.#paint('32', text);
  yellow: Paint = (text) => this.#paint('33', text);
  cyan: Paint = (text) => this.#paint('36', text);

  level(level: LogLevel, text: string): string {
    switch (level) {
      case 'debug':
        return this.dim(text);
      case 'info':
        return text;
      case 'warn':
        return this.yellow(text);
      case 'error':
        return this.red(text);
    }
  }

  phase(phase: Phase, text: string): string {
    if (phase === 'active') return this.green(text);
    return phase === 'failed' ? this.red(text) : this.cyan(text);
  }

  status(status: NodeStatus, text: string): string {
    switch (status) {
      case 'active':
        return this.green(text);
      case 'failed':
        return this.red(text);
      case 'launching':
        return this.cyan(text);
      case 'terminating':
      case 'terminated':
        return this.dim(text);
    }
  }

  /** One of a few colours for each of several nodes. */
  nth(index: number, text: string): string {
    const codes = ['36', '35', '34', '33', '32', '96', '95', '94'];
    return this.#paint(codes[index % codes.length] ?? '36', text);
  }

  #paint(code: string, text: string): string {
    return this.colours ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}
