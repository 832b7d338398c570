import type { ExceptionLine } from './exception-line.js';
import { readException } from './exception-line.js';
import type { PrefixedLine } from './vllm-prefix.js';

/** A line that belongs to a traceback. */
export interface TracebackLine {
  /** The same for all tracebacks of one chain of causes. */
  readonly chain: number;
  /** The exception as far as it was printed; a message may have several lines. */
  readonly exception?: ReadException | undefined;
}

interface ReadException {
  readonly name: string;
  readonly lines: readonly string[];
  /** The innermost frame, for an exception without a message: `worker.py:12`. */
  readonly source: string | undefined;
}

interface PrintingProcess {
  chain: number;
  state: 'frames' | 'message' | 'ended' | 'between';
  exception: ExceptionLine | undefined;
  lines: string[];
  source: string | undefined;
}

/** Processes print at the same time. Beyond this the oldest traceback is forgotten. */
const PRINTERS_MAX = 64;
const MESSAGE_LINES_MAX = 12;

/** Assembles the tracebacks of processes whose lines alternate. */
export class Tracebacks {
  readonly #printers = new Map<string, PrintingProcess>();
  #chains = 0;

  /** Undefined for a line that is not part of a traceback. */
  read(line: PrefixedLine): TracebackLine | undefined {
    // The program survived a traceback that is logged below an error.
    if (line.level !== undefined && line.level !== 'error') return undefined;
    const key = `${line.process ?? ''} ${line.location ?? ''}`;
    const text = withoutGroup(line.message);
    if (START.test(text)) return this.#begin(key);
    const printer = this.#printers.get(key);
    if (printer === undefined) return undefined;
    const part = this.#next(printer, text);
    if (part === undefined) this.#printers.delete(key);
    return part;
  }

  #begin(key: string): TracebackLine {
    const before = this.#printers.get(key);
    this.#printers.delete(key);
    const chained = before?.state === 'between' || before?.state === 'frames';
    if (!chained) this.#chains += 1;
    const chain = chained ? before.chain : this.#chains;
    this.#printers.set(key, { chain, state: 'frames', exception: undefined, lines: [], source: undefined });
    const oldest = this.#printers.keys().next();
    if (this.#printers.size > PRINTERS_MAX && oldest.done !== true) this.#printers.delete(oldest.value);
    return { chain };
  }

  #next(printer: PrintingProcess, text: string): TracebackLine | undefined {
    const { chain } = printer;
    if (CHAIN.test(text)) {
      printer.state = 'between';
      return { chain };
    }
    if (printer.state === 'between') return { chain };
    if (printer.state === 'ended') return text.trim() === '' ? { chain } : undefined;
    if (printer.state === 'message') return this.#message(printer, text);
    const frame = FRAME.exec(text);
    if (frame !== null) printer.source = `${frame[1]}:${frame[2]}`;
    if (text === '' || /^\s/.test(text)) return { chain };
    const exception = readException(text, true);
    // Something else was printed in between, a bar for example.
    if (exception === undefined) return { chain };
    printer.state = exception.message === undefined ? 'ended' : 'message';
    printer.exception = exception;
    printer.lines = exception.message === undefined ? [] : [exception.message];
    return { chain, exception: exceptionOf(printer) };
  }

  #message(printer: PrintingProcess, text: string): TracebackLine | undefined {
    if (text.trim() === '') return { chain: printer.chain };
    if (NOT_A_MESSAGE.test(text) || printer.lines.length >= MESSAGE_LINES_MAX) return undefined;
    printer.lines.push(text);
    return { chain: printer.chain, exception: exceptionOf(printer) };
  }
}

function exceptionOf({ exception, lines, source }: PrintingProcess): ReadException | undefined {
  return exception === undefined ? undefined : { name: exception.name, lines: [...lines], source };
}

/** `    | ValueError: x` inside of an ExceptionGroup. */
function withoutGroup(text: string): string {
  return text.replace(/^\s{0,16}(?:[+|] (?=\S| {2})|\+-[+-]{0,80}.*$|\|$)/, '');
}

const START = /^(?:Exception Group )?Traceback \(most recent call last\):/;
const CHAIN = /^(?:During handling of the above exception|The above exception was the direct cause of)/;
const FRAME = /^\s+File "(?:[^"]*\/)?([^"/]+)", line (\d+)/;
/** Lines that other programs print after an exception. */
const NOT_A_MESSAGE =
  /^(?:Process \S+:|(?:EngineCore|WorkerProc) (?:failed to start|hit an exception|encountered)|Exception ignored in|\/\S+\.py:\d+: |\s*warnings\.warn|sys:1: |nanobind: |terminate called|\[[A-Z]?\d{4} |\[W|\[E|\[rank|Loading |Capturing |Fatal Python|For further information|usage: |Killed$|Segmentation fault|Aborted|\(|[+-]{3,})/;
