import { cutUnredacted } from '../../redaction/cut-mark.js';
import { ErrorBlock, onlyReports } from './error-block.js';
import { CAUSE_MAX_CHARACTERS, exceptionText } from './exception-line.js';
import { signalOfShellLine } from './exit-code.js';
import { type RefinedCause, refinedCause } from './known-causes.js';
import type { FailureCause } from './parsed-line.js';
import { Tracebacks } from './traceback.js';

interface Read {
  /** The line begins a cause. */
  readonly explains: boolean;
  /** The line is part of a cause. */
  readonly error: boolean;
}

/**
 * Finds out why a setup script ends. The last error counts, because the script continued after the earlier ones. An error
 * that only reports the end of another program explains less than the output of that program. Progress after an error means
 * that the script survived it.
 */
export class SetupCauseReader {
  readonly #tracebacks = new Tracebacks();
  #block: ErrorBlock | undefined;
  #problem: RefinedCause | undefined;
  /** The problem before the block. */
  #before: RefinedCause | undefined;

  get cause(): FailureCause | undefined {
    if (this.#problem === undefined) return undefined;
    const { message, hint } = this.#problem;
    return {
      reason: 'setup_failed',
      message: `The setup script failed: ${message}`,
      ...(hint !== undefined && { hint }),
    };
  }

  /** The cause without our words about the script. */
  get problem(): RefinedCause | undefined {
    return this.#problem;
  }

  forget(): void {
    this.#block = undefined;
    this.#problem = undefined;
  }

  read(message: string): Read {
    const block = this.#block;
    if (block?.takes(message) === true) return this.#blockFound(block, false);
    this.#block = undefined;
    const part = this.#tracebacks.read({
      process: undefined,
      level: undefined,
      location: undefined,
      message,
    });
    if (part !== undefined) {
      if (part.exception === undefined) return { explains: false, error: true };
      const { name, lines } = part.exception;
      return this.#found(exceptionText(name, lines), undefined, lines.length === 1);
    }
    const signal = signalOfShellLine(message);
    if (signal !== undefined) return this.#found(signal.message, signal.hint, true);
    const head = HEADS.map((pattern) => pattern.exec(message)?.[1]).find((found) => found !== undefined);
    if (head === undefined || NOT_FATAL.test(message)) return { explains: false, error: false };
    const begun = new ErrorBlock(head);
    this.#block = begun;
    this.#before = this.#problem;
    return this.#blockFound(begun, true);
  }

  #blockFound(block: ErrorBlock, explains: boolean): Read {
    if (!onlyReports(block.innermost) || this.#before === undefined) {
      return this.#reasonFrom(block.text, block.hint, explains);
    }
    this.#problem = this.#before;
    return { explains: false, error: true };
  }

  #found(text: string, ownHint: string | undefined, explains: boolean): Read {
    if (onlyReports(text) && this.#problem !== undefined) return { explains: false, error: true };
    return this.#reasonFrom(text, ownHint, explains);
  }

  #reasonFrom(text: string, ownHint: string | undefined, explains: boolean): Read {
    const { message, hint: known } = refinedCause(cutUnredacted(text, CAUSE_MAX_CHARACTERS));
    this.#problem = { message, hint: ownHint ?? known };
    return { explains, error: true };
  }
}

const HEADS: readonly RegExp[] = [
  // uv's spinner may precede the head on the same line.
  /^(?:[⠀-⣿] .{0,200}?)?\s{0,200}× (.+)/u,
  // The same where the locale has no such characters.
  /^ {2}x (.+)/,
  // It names itself, and what it could not do.
  /^(nvidia-container-cli: .+)/,
  // `error: x`, `docker: Error response from daemon: x`, `gcc: fatal error: x`, `nvidia-container-cli: requirement error: x`.
  /^(?:[\w.+-]{1,60}: )?(?:[a-z]{1,20} )?(?:error|fatal)(?:\[\w{1,20}\])?: (.+)/,
  /^(?:[\w.+-]{1,60}: )?Error: (.+)/,
  /(?:^|\s)Error response from daemon: (.+)/,
  // The words of a registry of images.
  /^((?:unauthorized|denied|toomanyrequests|(?:manifest|name) unknown): .+)/,
  /^ERROR: (\S.*)/,
  /^E: (.+)/,
  /^([Ff]ailed to \S.+)/,
  /^(The following packages have unmet dependencies:)$/,
  /^(curl: \(\d+\) .+|wget: .+)/,
  // conda's, and Python's without a traceback.
  /^([A-Z]\w{2,80}(?:Error|Exception|NotFound)(?:\([^)]{0,200}\))?: .+)/,
  /^(.{1,300}: (?:command not found|not found))$/,
  /^(.{1,300}: (?:Permission denied|No such file or directory|[Nn]o space left on device)(?: \(\d{1,3}\))?)$/,
  /^((?:[\w./-]{1,200}|bash|sh): (?:-c: )?(?:line )?\d{1,6}: .{0,100}(?:[Ss]yntax error|unexpected|unbound variable).{0,200})$/,
  /^(.{0,300}(?:Temporary failure in name resolution|Could not resolve host|NVIDIA-SMI has failed|failed with (?:exit code|status) \d).*)/,
];
/** pip prints it and continues. */
const NOT_FATAL = /pip's dependency resolver does not currently take into account/;
