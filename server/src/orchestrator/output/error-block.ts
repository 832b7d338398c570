import { cutUnredacted } from '../../redaction/cut-mark.js';
import { diagnosticOf } from './diagnostic.js';
import { CAUSE_MAX_CHARACTERS, exceptionText } from './exception-line.js';
import { Tracebacks } from './traceback.js';

const CAUSES_MAX = 20;
/** A shorter line was not wrapped by a terminal. */
const WRAPPED_MIN_CHARACTERS = 60;

/** Matches errors that only report the failure of another program, whose own output explains more. */
const REPORTS =
  /subprocess-exited-with-error|did not run successfully|(?:returned|with) non-zero exit status|exited with (?:status|code)|metadata-generation-failed|failed-wheel-build|Failed (?:to build installable wheels|building wheel for)|^CalledProcessError|^make(?:\[\d{1,3}\])?: |build stopped: subcommand failed|Sub-process \S{1,200} returned an error code|Error compiling objects|held broken packages|^Unmet dependencies\b|\(code \d{1,3}\) at \w{1,40}\.c\(|died with <Signals|error running hook: exit status|failed with (?:exit code|return code|status)|\(exit code \d{1,3}\)/i;

export function onlyReports(text: string): boolean {
  return REPORTS.test(text);
}

/** uv draws its frame with ASCII where the locale has no other characters: ``  `-> x``. */
const CAUSE = /^\s+(?:cause|Caused by): (.+)|^\s*(?:[├╰]─▶|[|`]->) (.+)/u;
/** `hint: x`, and pip's advice below its head, unless it only points to its output. */
const HINT = /^\s*(?:hint: |[├╰]─> (?!See above for output))(?!This usually indicates a problem)(.+)/u;
/** Matches lines around the error that explain nothing. */
const ASIDE = /^\s*(?:help: |note: |hint: |\[end of output\])/;
const OUTPUT = /^\s*(?:\[(?:stderr|stdout)\]|[├╰][─-]> \[\d{1,6} lines of output\])$/u;
/** A line of the frame that a block is drawn with, or anything indented. */
const OF_THE_BLOCK = /^\s*[│├╰]|^ {2}\||^\s{4,}/u;

/** The error of uv, pip or a Rust program: a head, causes from the outside to the inside, and the output of a build. */
export class ErrorBlock {
  readonly #causes: string[] = [];
  #head: string;
  #hint: string | undefined;
  #part: 'head' | 'causes' | 'output' | 'hint' | 'aside' = 'head';
  readonly #output = new Tracebacks();
  #indent = 0;
  #raised: string | undefined;
  #diagnostic: string | undefined;

  constructor(head: string) {
    this.#head = head.trim();
  }

  get hint(): string | undefined {
    return this.#hint;
  }

  /** It explains. */
  get innermost(): string {
    const printed = this.#raised !== undefined && !onlyReports(this.#raised) ? this.#raised : undefined;
    return printed ?? this.#diagnostic ?? this.#raised ?? this.#causes.at(-1) ?? this.#head;
  }

  /** The innermost cause, and the attempted step. */
  get text(): string {
    const { innermost } = this;
    if (innermost === this.#head) return innermost;
    const tried = this.#causes.length > 1 ? `${this.#head}: ${this.#causes[0] ?? ''}` : this.#head;
    return `${innermost} (${tried})`;
  }

  /** Takes a line that belongs to the block, and returns whether it does. */
  takes(message: string): boolean {
    if (message.trim() === '') return true;
    if (OUTPUT.test(message)) return this.#enters('output');
    const hint = HINT.exec(message)?.[1];
    if (hint !== undefined) {
      this.#hint ??= hint;
      return this.#enters('hint');
    }
    if (ASIDE.test(message)) return this.#enters('aside');
    const cause = CAUSE.exec(message);
    if (cause !== null) return this.#takesCause((cause[1] ?? cause[2] ?? '').trim());
    if (this.#part === 'head' && this.#continuesHead(message)) {
      const more = `${this.#head} ${message.trim().replace(/^- /, '')}`;
      this.#head = cutUnredacted(more, CAUSE_MAX_CHARACTERS);
      return true;
    }
    if (!OF_THE_BLOCK.test(message)) return false;
    return this.#takesMore(message);
  }

  /** A list below a colon, or the rest of a sentence that did not fit into the width of a terminal. */
  #continuesHead(message: string): boolean {
    if (this.#head.endsWith(':')) return /^\s|^- /.test(message);
    return this.#head.length >= WRAPPED_MIN_CHARACTERS && /^\s{4,}[\w`'"(]/.test(message);
  }

  #enters(part: 'output' | 'hint' | 'aside'): true {
    this.#part = part;
    return true;
  }

  #takesCause(text: string): true {
    this.#part = 'causes';
    if (this.#causes.length < CAUSES_MAX) this.#causes.push(text);
    return true;
  }

  #takesMore(message: string): boolean {
    switch (this.#part) {
      case 'head':
        return /^\s*│/u.test(message);
      case 'causes': {
        const last = this.#causes.length - 1;
        if (last < 0) return true;
        const more = `${this.#causes[last] ?? ''} ${message.replace(/^[\s│|]+/u, '')}`;
        this.#causes[last] = cutUnredacted(more, CAUSE_MAX_CHARACTERS);
        return true;
      }
      case 'output':
        this.#takesOutput(message);
        return true;
      case 'aside':
        return true;
      case 'hint':
        this.#hint = cutUnredacted(`${this.#hint ?? ''} ${message.trim()}`, CAUSE_MAX_CHARACTERS);
        return true;
    }
  }

  #takesOutput(message: string): void {
    const begins = /^(\s{0,40})(?:Exception Group )?Traceback /.exec(message);
    if (begins !== null) this.#indent = begins[1]?.length ?? 0;
    const text = message.slice(0, this.#indent).trim() === '' ? message.slice(this.#indent) : message;
    const part = this.#output.read({
      process: undefined,
      level: undefined,
      location: undefined,
      message: text,
    });
    if (part?.exception !== undefined) {
      const raised = exceptionText(part.exception.name, part.exception.lines);
      const better = this.#raised === undefined || onlyReports(this.#raised) || !onlyReports(raised);
      if (better) this.#raised = raised;
    } else if (part === undefined) this.#diagnostic ??= diagnosticOf(message);
  }
}
