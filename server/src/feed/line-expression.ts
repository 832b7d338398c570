import { FieldError } from '@launchlog/shared/error-code';
import type { LogEntry } from '@launchlog/shared/log-entry';
import { RE2JS } from 're2js';
import { expressionFault } from '@launchlog/shared/expression/expression-fault';
import { heavyWork } from '../wait/fair-turns.js';
import { repeatedSize } from './repeated-size.js';

/** Steps of the compiled program. A larger one takes long to compile and to run. */
const SIZE_MAX = 1_000;
/** What one line may cost, in steps of the program times characters. A step takes up to 40 ns. */
const LINE_STEPS_MAX = 1_000_000;
/** What may be matched in one turn of the event loop. */
export const TURN_STEPS_MAX = 250_000;
const CHARACTERS_MIN = 1_000;

/**
 * An RE2 expression that is matched against the messages of entries. It takes time linear in the text, but a large program
 * still takes long on a long line. It therefore reads only the beginning of such a line: the larger the program, the less of
 * it. See decision 119.
 */
export class LineExpression {
  readonly #compiled: RE2JS;
  readonly #size: number;
  /** Characters of a message that are read. */
  readonly #reach: number;
  readonly #known = new WeakMap<LogEntry, boolean>();

  /** Throws a FieldError for an expression that is invalid or too large. */
  constructor(expression: string) {
    this.#compiled = compiled(expression);
    this.#size = this.#compiled.programSize();
    this.#reach = Math.max(CHARACTERS_MIN, Math.floor(LINE_STEPS_MAX / this.#size));
  }

  matches(entry: LogEntry): boolean {
    return this.#known.get(entry) ?? this.#compiled.test(entry.message.slice(0, this.#reach));
  }

  /** The most steps that matching these may take. */
  cost(entries: readonly LogEntry[]): number {
    return entries.reduce((sum, { message }) => sum + this.#size * Math.min(message.length, this.#reach), 0);
  }

  /** Matches the entries in turns of the event loop, so that `matches` answers at once. */
  async prepare(entries: readonly LogEntry[]): Promise<void> {
    let steps = 0;
    for (const entry of entries) {
      if (this.#known.has(entry)) continue;
      steps += this.cost([entry]);
      if (steps > TURN_STEPS_MAX) {
        await heavyWork.turn();
        steps = this.cost([entry]);
      }
      this.#known.set(entry, this.matches(entry));
    }
  }
}

function compiled(expression: string): RE2JS {
  // Checked before it is compiled: compiling a large expression takes long.
  if (repeatedSize(expression) > SIZE_MAX) throw tooLarge();
  let result: RE2JS;
  try {
    result = RE2JS.compile(expression);
  } catch (error) {
    const why = expressionFault(error);
    throw new FieldError('regex', `must be an RE2 expression${why === undefined ? '' : ` (${why})`}`, {
      cause: error,
    });
  }
  if (result.programSize() > SIZE_MAX) throw tooLarge();
  return result;
}

function tooLarge(): FieldError {
  return new FieldError(
    'regex',
    `must not have more than ${SIZE_MAX} steps: repeat less, such as x* instead of x{500}`,
  );
}
