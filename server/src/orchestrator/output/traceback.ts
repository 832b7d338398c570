import { diagnosticOf } from './diagnostic.js';
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

export interface ReadException {
  readonly name: string;
  readonly lines: readonly string[];
  /** The innermost frame, for an exception without a message: `worker.py:12: assert x is not None`. */
  readonly source: string | undefined;
  /** The first problem in the output of another program that the message quotes. */
  readonly diagnostic: string | undefined;
}

interface PrintingProcess {
  chain: number;
  state: 'frames' | 'message' | 'ended' | 'between' | 'ignored';
  /** Python continues after an exception that it reports as ignored. */
  readonly ignored: boolean;
  exception: ExceptionLine | undefined;
  lines: string[];
  /** The message quotes the output of another program, perhaps a traceback. */
  quotes: boolean;
  quoted: number;
  diagnostic: string | undefined;
  source: string | undefined;
  /** The next line is the code of the frame. */
  atFrame: boolean;
}

/** Processes print at the same time. Beyond this the oldest traceback is forgotten. */
const PRINTERS_MAX = 64;
const MESSAGE_LINES_MAX = 12;
/** The output of a build may be long before it names a problem. */
const QUOTED_LINES_MAX = 400;
const CODE_MAX_CHARACTERS = 200;

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
    if (IGNORED.test(text)) {
      this.#add(key, { ...newPrinter(this.#chains, false), state: 'ignored' });
      return undefined;
    }
    if (START.test(text)) return this.#begin(key);
    const printer = this.#printers.get(key);
    if (printer === undefined) return undefined;
    const part = this.#next(printer, text);
    if (part === undefined) this.#printers.delete(key);
    return part;
  }

  #begin(key: string): TracebackLine {
    const before = this.#printers.get(key);
    const chained =
      before?.state === 'between' ||
      before?.state === 'frames' ||
      (before?.state === 'message' && before.quotes);
    if (!chained) this.#chains += 1;
    const chain = chained ? before.chain : this.#chains;
    const ignored = before?.state === 'ignored' || (chained && before.ignored);
    this.#add(key, newPrinter(chain, ignored));
    return { chain };
  }

  #add(key: string, printer: PrintingProcess): void {
    this.#printers.delete(key);
    this.#printers.set(key, printer);
    const oldest = this.#printers.keys().next();
    if (this.#printers.size > PRINTERS_MAX && oldest.done !== true) this.#printers.delete(oldest.value);
  }

  #next(printer: PrintingProcess, text: string): TracebackLine | undefined {
    const { chain } = printer;
    if (CHAIN.test(text)) {
      printer.state = 'between';
      return { chain };
    }
    if (printer.state === 'ignored') return undefined;
    if (printer.state === 'between') return { chain };
    if (printer.state === 'ended') return text.trim() === '' ? { chain } : undefined;
    if (printer.state === 'message') return this.#message(printer, text);
    if (text === '' || /^\s/.test(text)) {
      readFrame(printer, text);
      return { chain };
    }
    const exception = readException(text, true);
    // Something else was printed in between, a bar for example.
    if (exception === undefined) return { chain };
    printer.state = exception.message === undefined ? 'ended' : 'message';
    printer.exception = exception;
    printer.lines = exception.message === undefined ? [] : [exception.message];
    printer.quotes = QUOTES.test(text);
    return { chain, exception: exceptionOf(printer) };
  }

  #message(printer: PrintingProcess, text: string): TracebackLine | undefined {
    const { chain, lines } = printer;
    if (text.trim() === '') return { chain };
    if (NOT_A_MESSAGE.test(text)) return undefined;
    if (QUOTES.test(text)) printer.quotes = true;
    const before = printer.diagnostic;
    if (printer.quotes) printer.diagnostic ??= diagnosticOf(text);
    if (lines.length < MESSAGE_LINES_MAX) {
      lines.push(text);
      return { chain, exception: exceptionOf(printer) };
    }
    printer.quoted += 1;
    if (!printer.quotes || printer.quoted > QUOTED_LINES_MAX) return undefined;
    return printer.diagnostic === before ? { chain } : { chain, exception: exceptionOf(printer) };
  }
}

function newPrinter(chain: number, ignored: boolean): PrintingProcess {
  return {
    chain,
    ignored,
    state: 'frames',
    exception: undefined,
    lines: [],
    quotes: false,
    quoted: 0,
    diagnostic: undefined,
    source: undefined,
    atFrame: false,
  };
}

function readFrame(printer: PrintingProcess, text: string): void {
  const frame = FRAME.exec(text);
  if (frame !== null) {
    printer.source = `${frame[1]}:${frame[2]}`;
    printer.atFrame = true;
  } else if (printer.atFrame && text.trim() !== '') {
    printer.source = `${printer.source ?? ''}: ${text.trim().slice(0, CODE_MAX_CHARACTERS)}`;
    printer.atFrame = false;
  }
}

function exceptionOf(printer: PrintingProcess): ReadException | undefined {
  const { exception, lines, source, diagnostic } = printer;
  if (exception === undefined || printer.ignored) return undefined;
  return { name: exception.name, lines: [...lines], source, diagnostic };
}

/** `    | ValueError: x` inside of an ExceptionGroup. */
function withoutGroup(text: string): string {
  return text.replace(/^\s{0,16}(?:[+|] (?=\S| {2})|\+-[+-]{0,80}.*$|\|$)/, '');
}

/** Its head may end a line: `EngineCore hit an exception: Traceback (most recent call last):`. */
const START =
  /^(?:Exception Group )?Traceback \(most recent call last\):|[:,] Traceback \(most recent call last\):$/;
const IGNORED = /^Exception ignored (?:in|on|while)\b/;
const QUOTES = /:\s{0,4}$/;
const CHAIN = /^(?:During handling of the above exception|The above exception was the direct cause of)/;
const FRAME = /^\s+File "(?:[^"]*\/)?([^"/]+)", line (\d+)/;
/** Lines that other programs print after an exception. */
const NOT_A_MESSAGE =
  /^(?:Process \S+:|(?:EngineCore|WorkerProc) (?:failed to start|hit an exception|encountered)|Exception ignored in|\/\S+\.py:\d+: |\s*warnings\.warn|sys:1: |nanobind: |terminate called|\[[A-Z]?\d{4} |\[W|\[E|\[rank|Loading |Capturing |Fatal Python|For further information|usage: |Killed$|Segmentation fault|Aborted|\(|[+-]{3,})/;
