import { cutUnredacted } from '../../redaction/cut-mark.js';
import { onlyReports } from './error-block.js';
import type { FailureCause } from './parsed-line.js';
import type { NamedEnd } from './exit-code.js';
import { namedExitCode, namedSignal, signalOfShellLine } from './exit-code.js';
import { CAUSE_MAX_CHARACTERS, exceptionText, isConsequence, readException } from './exception-line.js';
import { FailedImports } from './failed-imports.js';
import { refinedCause } from './known-causes.js';
import { RequestFaults } from './request-fault.js';
import type { ReadException, TracebackLine } from './traceback.js';
import { Tracebacks } from './traceback.js';
import type { PrefixedLine } from './vllm-prefix.js';

/**
 * A worker explains most: the engine reports the end of its worker, and the API server that of its engine. What PyTorch and Ray log
 * in C++ may only follow from something else, and a report names the program that failed, but not why.
 */
const RANKS = {
  worker: 8,
  engine: 7,
  server: 6,
  stated: 5,
  native: 4,
  end: 3,
  report: 2,
  consequence: 1,
} as const;

interface Candidate {
  readonly cause: FailureCause;
  readonly rank: number;
  readonly process: string | undefined;
  /** The traceback that it ends. */
  readonly chain: number | undefined;
}

interface FoundCause {
  readonly text: string;
  readonly process: string | undefined;
  readonly chain: number | undefined;
  /** Undefined: that of the process. */
  readonly rank?: number;
  /** The name of the exception. */
  readonly name?: string;
}

/**
 * Finds out why a program in Python ends, from what it prints: the last exception of the root traceback, a fatal error,
 * a refused argument or a signal. Remembers the best one so far.
 */
export class TaskCauseReader {
  readonly #tracebacks = new Tracebacks();
  readonly #requests = new RequestFaults();
  readonly #imports = new FailedImports();
  /** The program that has shown its usage, since it refuses its arguments. */
  #usageOf: string | undefined;
  #best: Candidate | undefined;
  #serving = false;
  #stopping = false;

  get cause(): FailureCause | undefined {
    return this.#best?.cause;
  }

  /** The server has started: earlier output did not stop it. */
  started(): void {
    this.#best = undefined;
    this.#serving = true;
  }

  /** The process continued after its exception, so the exception was caught. */
  proceeded(process: string | undefined): void {
    if (process !== undefined && this.#best?.process === process) this.#best = undefined;
  }

  /** `explains`: this line begins the best cause so far. `error`: it is part of one, or of a traceback. */
  read(line: PrefixedLine): { readonly explains: boolean; readonly error: boolean } {
    if (SHUTDOWN.test(line.message)) this.#stopping = true;
    this.#imports.read(line.message);
    const part = this.#tracebacks.read(line);
    if (this.#serving && RequestFaults.answers(line)) this.#best = undefined;
    const ofRequest = this.#serving && this.#requests.has(line, part?.chain);
    if (part !== undefined) {
      return { explains: this.#exception(part, line, ofRequest), error: true };
    }
    const stopped = STOPPED_BY.exec(line.message);
    const stated = stopped === null ? undefined : namedSignal(15);
    if (stated !== undefined) return { explains: this.#ended(stated), error: true };
    const problem = statedProblem(line) ?? this.#refusedArguments(line.message);
    if (problem !== undefined) {
      const explains = this.#consider({ text: problem, process: line.process, chain: undefined });
      return { explains, error: true };
    }
    const alone = this.#alone(line, ofRequest);
    if (alone !== undefined) return { explains: alone, error: true };
    const end = endOf(line.message);
    if (end !== undefined) return { explains: this.#ended(end), error: true };
    const shell = SHELL_COMPLAINT.exec(line.message)?.[1];
    if (shell !== undefined) return { explains: this.#ended(refinedCause(shell)), error: true };
    return { explains: false, error: false };
  }

  /** An exception without a traceback, or an error that C++ logs; undefined for any other line. */
  #alone(line: PrefixedLine, ofRequest: boolean): boolean | undefined {
    const raised = exceptionAlone(line);
    const text = raised ?? nativeError(line);
    if (text === undefined) return undefined;
    if (ofRequest) return false;
    const rank = raised === undefined ? RANKS.native : RANKS.stated;
    return this.#consider({ text, process: line.process, chain: undefined, rank });
  }

  /** `usage: x …`, then `x serve: error: y`, as Python's argparse prints them. */
  #refusedArguments(message: string): string | undefined {
    this.#usageOf = USAGE.exec(message)?.[1] ?? this.#usageOf;
    const [, program, problem] = REFUSED.exec(message) ?? [];
    return program === this.#usageOf ? problem : undefined;
  }

  #exception(part: TracebackLine, line: PrefixedLine, ofRequest: boolean): boolean {
    if (part.exception === undefined) return false;
    const { name } = part.exception;
    const text = this.#imports.explained(textOf(part.exception));
    if (ofRequest && !isConsequence(text)) return false;
    return this.#consider({ text, process: line.process, chain: part.chain, name });
  }

  #ended({ message, hint }: NamedEnd): boolean {
    return this.#keep({
      cause: { reason: 'model_load_failed', message, ...(hint !== undefined && { hint }) },
      rank: RANKS.end,
      process: undefined,
      chain: undefined,
    });
  }

  #consider(found: FoundCause): boolean {
    const end = endOfProcess(found.text);
    if (end !== undefined) return this.#ended(end);
    const interrupted = INTERRUPTED.exec(found.text);
    if (interrupted !== null)
      return this.#ended(namedSignal(interrupted[1] === undefined ? 2 : 15) ?? STOPPED);
    const generic = isConsequence(found.text);
    const { message, hint } = refinedCause(found.text, found.name);
    return this.#keep({
      cause: {
        reason: 'model_load_failed',
        message,
        ...(hint !== undefined && !generic && { hint }),
        ...(generic && { generic }),
      },
      rank: rankOf(found, generic),
      process: found.process,
      chain: found.chain,
    });
  }

  #keep(candidate: Candidate): boolean {
    if (this.#stopping) return false;
    const best = this.#best;
    const sameChain = best?.chain !== undefined && best.chain === candidate.chain;
    const better =
      best === undefined || candidate.rank > best.rank || (sameChain && candidate.rank >= best.rank);
    if (!better) return false;
    this.#best = candidate;
    // The rest of a message of several lines belongs to the line that began it.
    return (
      best?.cause.message === undefined ||
      !sameChain ||
      !candidate.cause.message.startsWith(best.cause.message)
    );
  }
}

/** The problem in what the message quotes explains more than its head. */
function textOf({ name, lines, source, diagnostic }: ReadException): string {
  const [head = ''] = lines;
  if (diagnostic !== undefined) {
    const said = `${name}: ${head.replace(/\s*:\s*$/, '')}`;
    return cutUnredacted(`${diagnostic} (${said})`, CAUSE_MAX_CHARACTERS);
  }
  const words = exceptionText(name, lines);
  return words === name && source !== undefined ? `${name} in ${source}` : words;
}

function rankOf({ text, rank, process }: FoundCause, generic: boolean): number {
  if (generic) return RANKS.consequence;
  if (onlyReports(text)) return RANKS.report;
  return rank ?? rankOfProcess(process);
}

function rankOfProcess(process: string | undefined): number {
  if (process === undefined) return RANKS.server;
  if (/worker|^rank\d|^TP\d|^PP\d/i.test(process)) return RANKS.worker;
  return /engine/i.test(process) ? RANKS.engine : RANKS.server;
}

/** An orderly stop was requested: later output only follows from it. */
const SHUTDOWN = /^\[shutdown\] API server: shutdown triggered|^Shutting down$/;
const STOPPED_BY = /^\[shutdown\] EngineCore: trigger received signal=SIGTERM/;
/** `Failed core proc(s): {'EngineCore_0': -9}`, `died unexpectedly (exit code: -9)`. */
const FAILED_PROCESSES =
  /(?:Failed core proc\(s\): \{[^}]{0,200}?: |exit code:? |exitcode:? |exited with (?:code|status):? )(-?\d{1,4})\b/i;

/** `Command '['vllm', 'serve']' died with <Signals.SIGKILL: 9>.` */
const DIED_WITH = /died with <Signals\.\w{1,20}: (\d{1,2})>/;

/** How a child process ended, in the words of its parent, where its code or signal has a name. */
function endOfProcess(text: string): NamedEnd | undefined {
  const signal = DIED_WITH.exec(text)?.[1];
  if (signal !== undefined) return namedSignal(Number(signal));
  const code = FAILED_PROCESSES.exec(text)?.[1];
  return code === undefined ? undefined : namedExitCode(Number(code));
}

/** Python's Ctrl-C; vLLM raises it with a message of its own when it is asked to end. */
const INTERRUPTED = /^KeyboardInterrupt(?:(: terminated)| in |: ?$|$)/;
const STOPPED: NamedEnd = { message: 'The model server was stopped.' };
/** `sky_job_1: line 12: syntax error near unexpected token`: of a script that nothing else explains. */
const SHELL_COMPLAINT =
  /^((?:[\w./-]{1,200}|bash|sh): (?:-c: )?line \d{1,6}: (?!warning)(?=.{0,200}(?:syntax error|unexpected|unbound variable|cannot|No such file)).{1,300})$/;

const USAGE = /^usage: (?:\S{0,200}\/)?([\w.-]{1,100})/;
const REFUSED = /^(?:\S{0,200}\/)?([\w.-]{1,100})(?: [\w-]{1,40}){0,3}: error: (.+)/;

const PROBLEMS: readonly RegExp[] = [
  /^(?:[\w./-]{1,200}\/)?(?:api_server\.py|vllm(?: [\w-]{1,40}){0,2}): error: (.+)/,
  /^(Fatal Python error: .+)/,
  /^\s{0,4}what\(\):\s{1,4}(.+)/,
  /^((?:[\w./-]{1,200}: line \d{1,6}|bash|sh|\/bin\/\w{1,10}|[\w./-]{1,200}\.sh)(?:: (?:line )?\d{1,6})?: (?:exec: )?\S{1,200}: (?:command not found|not found|cannot execute.*|Permission denied|No such file or directory))$/,
  /^(nvidia-container-cli: .+)/,
  /^(?:docker|podman): (?:Error response from daemon: )?(.+)/,
  /^(Worker (?:proc )?\S{1,100}(?: pid \d{1,10})? died\b.*)/,
  // A compiler, with the place.
  /^\S{1,300}:\d{1,6}:(?:\d{1,6}:)? (?:fatal )?error: (.+)/,
  /^(error while loading shared libraries: .+|\S{1,200}: error while loading shared libraries: .+)/,
];

/** uvicorn's word for an error of the system. */
const SYSTEM_ERROR = /^\[Errno \d{1,4}\] .+/;

function statedProblem({ level, message }: PrefixedLine): string | undefined {
  if (level === 'error' && SYSTEM_ERROR.test(message)) return message;
  for (const pattern of PROBLEMS) {
    const match = pattern.exec(message);
    if (match !== null) return match[1];
  }
  return undefined;
}

/** The traceback was read by another server before a takeover, or a logger left it out. */
function exceptionAlone({ level, message }: PrefixedLine): string | undefined {
  if (level !== undefined && level !== 'error') return undefined;
  const exception = readException(message, false);
  return exception === undefined ? undefined : exceptionText(exception.name, [exception.message ?? '']);
}

/** `[Rank 3] Watchdog caught collective operation timeout: …`, logged by the C++ of PyTorch or Ray. */
function nativeError({ level, location, message }: PrefixedLine): string | undefined {
  if (level !== 'error' || !/\.(?:cpp|cc|h|hpp|cu):\d/.test(location ?? '')) return undefined;
  return cutUnredacted(message.replace(/^(?:\[[^\]]{1,80}\] ?){1,4}/, ''), CAUSE_MAX_CHARACTERS);
}

function endOf(message: string): NamedEnd | undefined {
  return signalOfShellLine(message);
}
