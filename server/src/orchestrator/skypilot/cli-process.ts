import { execa } from 'execa';
import type { Clock } from '../../clock.js';
import { UNREDACTED_CUT } from '../../redaction/cut-mark.js';
import { PrivateKeyBlock } from '../../redaction/private-key-block.js';
import { LineSplitter } from '../output/line-splitter.js';
import { plainText } from '../output/terminal-text.js';
import { SkypilotError, SkypilotRequestError } from './error.js';
import type { SkypilotFailure } from './request-record.js';

/** Last lines that are kept of what `sky` says on its standard error, and of a short command's output. */
const TAIL_LINES_MAX = 60;
const OUTPUT_CAP_BYTES = 4 * 1024 * 1024;
/** From the polite signal to the other one. */
const KILL_AFTER_MS = 5_000;

export interface SkypilotCliOptions {
  /** Absolute name of the program `sky`. */
  readonly executable: string;
  /** Everything `sky` gets to see of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

export interface SkyCommand {
  readonly arguments: readonly string[];
  /** Beside the environment: secrets are given here, never among the arguments. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface SkyEnd {
  /** Undefined when it was ended by a signal. */
  readonly exitCode: number | undefined;
  readonly signalName: string | undefined;
  /** What it printed last, without a line end: half of a line if it died. */
  readonly rest: string | undefined;
  /** Last lines of its standard error. */
  readonly errorLines: readonly string[];
}

/** Runs `sky`: no shell, a process group of its own, so that what it starts ends with it. */
export class SkypilotCliProcess {
  readonly #options: SkypilotCliOptions;

  constructor(options: SkypilotCliOptions) {
    this.#options = options;
  }

  /** Runs to the end within a time; resolves to its output, rejects when it fails. */
  async run(command: SkyCommand, timeoutMs: number): Promise<string> {
    const late = new AbortController();
    const cancel = this.#options.clock.after(timeoutMs, () => late.abort());
    const what = `sky ${command.arguments.slice(0, 2).join(' ')}`;
    const lines: string[] = [];
    let bytes = 0;
    try {
      const reading = this.follow({ ...command, signal: AbortSignal.any([command.signal, late.signal]) });
      for (;;) {
        const { value, done } = await reading.next();
        if (done === true) {
          if (late.signal.aborted) throw hung(what, timeoutMs);
          command.signal.throwIfAborted();
          if (value.exitCode !== 0) throw new SkyCommandError(what, value);
          return [...lines, ...(value.rest === undefined ? [] : [value.rest])].join('\n');
        }
        bytes += value.length;
        if (bytes <= OUTPUT_CAP_BYTES) lines.push(value);
      }
    } finally {
      cancel();
    }
  }

  /** Its output line by line as it comes; returns how it ended. The signal ends it with all it has started. */
  async *follow(command: SkyCommand): AsyncGenerator<string, SkyEnd> {
    const child = execa(this.#options.executable, [...command.arguments], {
      env: { ...this.#options.environment, ...command.environment },
      extendEnv: false,
      stdin: 'ignore',
      buffer: false,
      reject: false,
      // A group of its own: `kill` below reaches also what it has started.
      detached: true,
      encoding: 'buffer',
    });
    const kill = () => killGroup(child.pid, this.#options.clock);
    const errorLines = tailOf(child.stderr);
    command.signal.addEventListener('abort', kill, { once: true });
    if (command.signal.aborted) kill();
    try {
      const splitter = new LineSplitter();
      for await (const chunk of child.stdout as AsyncIterable<Uint8Array>) yield* splitter.push(chunk);
      const [rest] = splitter.end();
      const ended = await child;
      if (ended.code === 'ENOENT' || ended.code === 'EACCES') {
        throw new SkypilotError('refused', `${this.#options.executable} cannot be started (${ended.code})`);
      }
      return { exitCode: ended.exitCode, signalName: ended.signal, rest, errorLines: await errorLines };
    } finally {
      command.signal.removeEventListener('abort', kill);
      // Whoever stopped reading must not leave it running.
      if (child.exitCode === null && child.signalCode === null) kill();
    }
  }
}

/** `sky` ended with a status other than 0. */
export class SkyCommandError extends SkypilotRequestError {
  constructor(command: string, end: SkyEnd) {
    const last = end.errorLines.findLast((line) => line.trim() !== '');
    super(
      skyFailureOf(end),
      `${command} ended with ${statusOf(end)}${last === undefined ? '' : `: ${last}`}`,
    );
    this.name = 'SkyCommandError';
  }
}

/** The last lines of `sky`: `sky.exceptions.NoCloudAccessError: Cloud access is not set up.` and what follows it. */
export function skyFailureOf(end: SkyEnd): SkypilotFailure {
  const from = end.errorLines.findLastIndex((line) => PYTHON_ERROR.test(line));
  const [, type = 'SkyCommandError', first] = PYTHON_ERROR.exec(end.errorLines[from] ?? '') ?? [];
  if (first !== undefined) return { type, message: [first, ...end.errorLines.slice(from + 1)].join('\n') };
  return { type, message: [`sky ended with ${statusOf(end)}`, ...end.errorLines].join('\n') };
}

const PYTHON_ERROR = /^(?:[a-z_]+\.)*([A-Z][A-Za-z]*(?:Error|Exception|Credentials)): (.*)$/;

function statusOf(end: SkyEnd): string {
  return end.signalName === undefined ? `exit code ${end.exitCode}` : `signal ${end.signalName}`;
}

function hung(what: string, timeoutMs: number): SkypilotError {
  return new SkypilotError('busy', `${what} did not end within ${timeoutMs / 1_000} s and was stopped`);
}

/** A private key whose first line is not among the last ones would not be recognised later: it is masked here. */
async function tailOf(stream: AsyncIterable<Uint8Array> | null): Promise<readonly string[]> {
  const splitter = new LineSplitter();
  const key = new PrivateKeyBlock();
  const tail: string[] = [];
  const keep = (line: string) => tail.push(key.mask(plainText(line)));
  for await (const chunk of stream ?? []) {
    for (const line of splitter.push(chunk)) keep(line);
    tail.splice(0, Math.max(0, tail.length - TAIL_LINES_MAX));
  }
  for (const line of splitter.end()) keep(line + UNREDACTED_CUT);
  return tail;
}

function killGroup(pid: number | undefined, clock: Clock): void {
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  clock.after(KILL_AFTER_MS, () => signalGroup(pid, 'SIGKILL'));
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has gone.
  }
}
