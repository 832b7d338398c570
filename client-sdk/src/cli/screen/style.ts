import { createColors } from 'picocolors';
import type { LogLevel } from '@launchlog/shared/log-entry';
import type { Node, NodeHealth } from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';

type Paint = (text: string) => string;

/** Colours where they are wanted, plain text elsewhere. Painted texts nest. */
export class Style {
  readonly colours: boolean;
  readonly #paints: ReturnType<typeof createColors>;

  constructor(colours: boolean) {
    this.colours = colours;
    this.#paints = createColors(colours);
  }

  /** Colours need a terminal that shows them and a person who has not declined them: https://no-color.org */
  static for(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv, wanted: boolean): Style {
    const declined = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
    return new Style(wanted && !declined && stream.isTTY === true);
  }

  bold: Paint = (text) => this.#paints.bold(text);
  dim: Paint = (text) => this.#paints.dim(text);
  red: Paint = (text) => this.#paints.red(text);
  green: Paint = (text) => this.#paints.green(text);
  yellow: Paint = (text) => this.#paints.yellow(text);
  mark: Paint = (text) => this.#paints.inverse(text);
  cyan: Paint = (text) => this.#paints.cyan(text);

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

  /** An active node that is not healthy has the colour of its health. */
  status({ status, health }: Pick<Node, 'status' | 'health'>, text: string): string {
    switch (status) {
      case 'active':
        return this.#health(health, text);
      case 'failed':
      case 'lost':
        return this.red(text);
      case 'launching':
        return this.cyan(text);
      case 'terminating':
      case 'terminated':
        return this.dim(text);
    }
  }

  #health(health: NodeHealth | undefined, text: string): string {
    switch (health) {
      case 'unreachable':
        return this.red(text);
      case 'degraded':
      case 'unknown':
        return this.yellow(text);
      case 'healthy':
      case undefined:
        return this.green(text);
    }
  }

  /** A colour for the node at this index; eight nodes have different ones. */
  nth(index: number, text: string): string {
    const { cyan, magenta, blue, yellow, green, cyanBright, magentaBright, blueBright } = this.#paints;
    const paints = [cyan, magenta, blue, yellow, green, cyanBright, magentaBright, blueBright];
    return paints[index % paints.length]?.(text) ?? text;
  }
}
