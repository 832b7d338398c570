import { cutUnredacted } from '../../redaction/cut-mark.js';
import { CAUSE_MAX_CHARACTERS, exceptionText } from './exception-line.js';
import { signalOfShellLine } from './exit-code.js';
import { refinedCause } from './known-causes.js';
import type { FailureCause } from './parsed-line.js';
import { Tracebacks } from './traceback.js';

/** uv's and Rust's errors: a head, then causes from the outside to the inside. */
interface ErrorBlock {
  readonly head: string;
  readonly causes: string[];
  hint: string | undefined;
}

const CAUSES_MAX = 20;

/**
 * Finds out why a setup script ends. The last error counts: the script went past the earlier ones. Progress after an
 * error means that it was survived.
 */
export class SetupCauseReader {
  readonly #tracebacks = new Tracebacks();
  #block: ErrorBlock | undefined;
  #cause: FailureCause | undefined;

  get cause(): FailureCause | undefined {
    return this.#cause;
  }

  forget(): void {
    this.#block = undefined;
    this.#cause = undefined;
  }

  /** `explains`: this line begins a cause. `error`: it is part of one. */
  read(message: string): { readonly explains: boolean; readonly error: boolean } {
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
    if (this.#block !== undefined && this.#continues(this.#block, message)) {
      return this.#found(textOf(this.#block), this.#block.hint, false);
    }
    this.#block = undefined;
    const signal = signalOfShellLine(message);
    if (signal !== undefined) return this.#found(signal.message, signal.hint, true);
    const head = HEADS.map((pattern) => pattern.exec(message)?.[1]).find((found) => found !== undefined);
    if (head === undefined || NOT_FATAL.test(message)) return { explains: false, error: false };
    this.#block = { head: head.trim(), causes: [], hint: undefined };
    return this.#found(textOf(this.#block), undefined, true);
  }

  #continues(block: ErrorBlock, message: string): boolean {
    if (message.trim() === '') return true;
    const hint = /^\s*hint: (.+)/.exec(message)?.[1];
    if (hint !== undefined) {
      block.hint = hint;
      return true;
    }
    const cause = /^\s+(?:cause|Caused by): (.+)|^\s*[├╰]─▶ (.+)/u.exec(message);
    const text = cause?.[1] ?? cause?.[2];
    if (text !== undefined) {
      if (block.causes.length < CAUSES_MAX) block.causes.push(text);
      return true;
    }
    const last = block.causes.length - 1;
    if (last < 0 || !/^\s{4,}|^\s*│/u.test(message)) return false;
    const more = `${block.causes[last] ?? ''} ${message.replace(/^[\s│]+/u, '')}`;
    block.causes[last] = cutUnredacted(more, CAUSE_MAX_CHARACTERS);
    return true;
  }

  #found(text: string, ownHint: string | undefined, explains: boolean): { explains: boolean; error: true } {
    const { message, hint = ownHint } = refinedCause(cutUnredacted(text, CAUSE_MAX_CHARACTERS));
    this.#cause = {
      reason: 'setup_failed',
      message: `The setup script failed: ${message}`,
      ...((ownHint ?? hint) !== undefined && { hint: ownHint ?? hint }),
    };
    return { explains, error: true };
  }
}

/** The innermost cause explains, the outer ones say what was tried. */
function textOf({ head, causes }: ErrorBlock): string {
  const innermost = causes.at(-1);
  if (innermost === undefined) return head;
  const tried = causes.length > 1 ? `${head}: ${causes[0] ?? ''}` : head;
  return `${innermost} (${tried})`;
}

const HEADS: readonly RegExp[] = [
  /^(?:error|fatal): (.+)/,
  /^\s{0,4}× (.+)/u,
  /^ERROR: (.+)/,
  /^E: (.+)/,
  /^(curl: \(\d+\) .+|wget: .+)/,
  /^(.{1,300}: (?:command not found|not found))$/,
  /^(.{1,300}: (?:Permission denied|No such file or directory|No space left on device))$/,
  /^(.{0,300}(?:Temporary failure in name resolution|Could not resolve host|NVIDIA-SMI has failed|failed with (?:exit code|status) \d).*)/,
];
/** pip prints it and goes on. */
const NOT_FATAL = /pip's dependency resolver does not currently take into account/;
