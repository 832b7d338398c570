import type { LogSource } from '@launchlog/shared/log-entry';
import type { ParsedLine } from './parsed-line.js';
import { ProgressBarThinning } from './progress-bar.js';
import { type JobOrigin, parseJobControlLine, parseSetupLine, readJobPrefix } from './skypilot-job-output.js';
import { parseVllmLine } from './vllm-output.js';

/** Reads the job's log in order. Remembers who prints, whether a traceback is being printed, and the bars' states. */
export class JobStreamReader {
  readonly #bars = new ProgressBarThinning();
  #printer: Exclude<JobOrigin, 'continued'> | undefined;
  #inTraceback = false;

  line(raw: string): { source: LogSource; line: ParsedLine | undefined } {
    const { origin, text } = readJobPrefix(raw);
    const printer = origin === 'continued' ? (this.#printer ?? guess(text)) : origin;
    // A line of SkyPilot in between does not change whose lines without a prefix follow.
    if (origin === 'setup' || origin === 'task') this.#printer = origin;
    const source = SOURCES[printer];
    if (text.trim() === '') return { source, line: undefined };
    const parsed = this.#parse(printer, text);
    const shown = parsed.bar === undefined || this.#bars.wants(parsed.bar);
    return { source, line: shown ? this.#withTraceback(parsed) : undefined };
  }

  #parse(printer: Exclude<JobOrigin, 'continued'>, text: string): ParsedLine {
    switch (printer) {
      case 'skypilot':
        return parseJobControlLine(text);
      case 'setup':
        return parseSetupLine(text);
      case 'task':
        return parseVllmLine(text);
    }
  }

  /** All lines of a traceback are errors, from the first to the one that names the exception. */
  #withTraceback(parsed: ParsedLine): ParsedLine {
    const { message } = parsed;
    if (TRACEBACK.test(message)) {
      this.#inTraceback = message.startsWith('Traceback');
      return { ...parsed, level: 'error' };
    }
    if (!this.#inTraceback) return parsed;
    if (/^\s/.test(message)) return { ...parsed, level: 'error' };
    this.#inTraceback = false;
    return EXCEPTION.test(message) ? { ...parsed, level: 'error' } : parsed;
  }
}

/** After a resumption the prefix of the line before is unknown. */
function guess(text: string): 'task' | 'skypilot' {
  const { event, details, bar } = parseVllmLine(text);
  return event === undefined && details === undefined && bar === undefined ? 'skypilot' : 'task';
}

const TRACEBACK =
  /^(?:Traceback \(most recent call last\)|During handling of the above exception|The above exception was the direct cause)/;
const EXCEPTION = /^[A-Za-z_][\w.]{0,120}(?:Error|Exception|Interrupt|Exit|Warning)?(?::|$)/;

const SOURCES: Readonly<Record<Exclude<JobOrigin, 'continued'>, LogSource>> = {
  skypilot: 'skypilot',
  setup: 'instance',
  task: 'vllm',
};
