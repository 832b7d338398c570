import { execa } from 'execa';
import type { Clock } from '../../clock.js';
import { UNREDACTED_CUT } from '../../redaction/cut-mark.js';
import { PrivateKeyBlock } from '../../redaction/private-key-block.js';
import { LineSplitter } from '../output/line-splitter.js';
import { plainText } from '../output/terminal-text.js';
import { Deadline } from '../../wait/deadline.js';
import { SkypilotError, SkypilotRequestError } from './error.js';
import type { SkypilotFailure } from './request-record.js';

/** How many of the last lines of `sky`'s standard error are kept. */
const TAIL_LINES_MAX = 60;
const OUTPUT_CAP_BYTES = 4 * 1024 * 1024;
/** The time between SIGTERM and SIGKILL. */
const KILL_AFTER_MS = 5_000;

export interface SkypilotCliOptions {
  /** Absolute name of the program `sky`. */
  readonly executable: string;
  /** The entire environment of `sky`. It never contains anything of a launch. */
  readonly environment: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

interface SkyCommand {
  readonly arguments: readonly string[];
  readonly signal: AbortSignal;
}

export interface SkyEnd {
  /** Undefined if a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signalName: string | undefined;
  /** The last output without a line end: half a line if it was killed. */
  readonly rest: string | undefined;
  /** The last lines of its standard error. */
  readonly errorLines: readonly string[];
}

/** Runs `sky` without a shell and in its own process group, so that its child processes end with it. */
export class SkypilotCliProcess {
  readonly #options: SkypilotCliOptions;

  constructor(options: SkypilotCliOptions) {
    this.#options = options;
  }

  /** Runs a command to its end. Resolves to its output; rejects when it fails or exceeds the time limit. */
  async run(command: SkyCommand, timeoutMs: number): Promise<string> {
    const deadline = new Deadline({
      clock: this.#options.clock,
      ms: timeoutMs,
      signal: command.signal,
    });
    const what = `sky ${command.arguments.slice(0, 2).join(' ')}`;
    const lines: string[] = [];
    let bytes = 0;
    try {
      const reading = this.follow({ ...command, signal: deadline.signal });
      for (;;) {
        const { value, done } = await reading.next();
        if (done === true) {
          if (deadline.passed) throw hung(what, timeoutMs);
          command.signal.throwIfAborted();
          if (value.exitCode !== 0) throw new SkyCommandError(what, value);
          return [...lines, ...(value.rest === undefined ? [] : [value.rest])].join('\n');
        }
        bytes += value.length;
        if (bytes <= OUTPUT_CAP_BYTES) lines.push(value);
      }
    } finally {
      deadline.clear();
    }
  }

  /** Yields its output line by line, and returns how it ended. The signal ends it and its child processes. */
  async *follow(command: SkyCommand): AsyncGenerator<string, SkyEnd> {
    const child = execa(this.#options.executable, [...command.arguments], {
      env: this.#options.environment,
      extendEnv: false,
      stdin: 'ignore',
      buffer: false,
      reject: false,
      // Its own process group: `kill` below also reaches its child processes.
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
      // It must not keep running when its reader has left.
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
  const refused = end.errorLines.findLast((line) => USAGE_ERROR.test(line));
  const why = refused === undefined ? '' : `: ${refused.replace(USAGE_ERROR, '')}`;
  return { type, message: [`sky ended with ${statusOf(end)}${why}`, ...end.errorLines].join('\n') };
}

/** Matches the refusal of an argument by `sky`: `Error: No such option: -c`, below its usage. */
const USAGE_ERROR = /^Error: (?=\S)/;

const PYTHON_ERROR = /^(?:[a-z_]+\.)*([A-Z][A-Za-z]*(?:Error|Exception|Credentials)): (.*)$/;

function statusOf(end: SkyEnd): string {
  return end.signalName === undefined ? `exit code ${end.exitCode}` : `signal ${end.signalName}`;
}

function hung(what: string, timeoutMs: number): SkypilotError {
  return new SkypilotError('busy', `${what} did not end within ${timeoutMs / 1_000} s and was stopped`);
}

/** Masks private keys here: later, a key whose first line is not among the last ones could not be recognised. */
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
    // It has ended.
  }
}
