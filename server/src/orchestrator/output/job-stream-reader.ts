import type { LogSource } from '@launchlog/shared/log-entry';
import type { FailureCause, ParsedLine } from './parsed-line.js';
import { ProgressBarThinning } from './progress-bar.js';
import { SetupCauseReader } from './setup-cause-reader.js';
import { type JobOrigin, parseJobControlLine, parseSetupLine, readJobPrefix } from './skypilot-job-output.js';
import { TaskCauseReader } from './task-cause-reader.js';
import { Tracebacks } from './traceback.js';
import { FETCH_FROM, FETCH_TO, parsedVllmLine } from './vllm-output.js';
import { readVllmPrefix } from './vllm-prefix.js';
import { readWeightFetchBar, WeightFetch } from './weight-bar.js';

type Printer = Exclude<JobOrigin, 'continued'>;

/** Reads the job's log in order. Remembers which program prints, why the job ends, and the states of bars. */
export class JobStreamReader {
  readonly #bars = new ProgressBarThinning();
  readonly #setup = new SetupCauseReader();
  readonly #task = new TaskCauseReader();
  readonly #controlTracebacks = new Tracebacks();
  #control: FailureCause | undefined;
  #printer: Printer | undefined;
  readonly #fetch = new WeightFetch();
  #running = false;

  /** `stage` is the program that prints lines without a prefix, if it is known. */
  constructor(stage?: 'setup' | 'task') {
    this.#printer = stage;
  }

  /** Why the job ends, if it does. The output of programs explains more than the way they ended. */
  get cause(): FailureCause | undefined {
    const ofPrograms = this.#task.cause ?? this.#setup.cause;
    const ended = this.#control;
    if (ofPrograms === undefined) return ended;
    return ofPrograms.generic === true && ended !== undefined && ended.generic !== true ? ended : ofPrograms;
  }

  line(raw: string): { source: LogSource; line: ParsedLine | undefined } {
    const { origin, text } = readJobPrefix(raw);
    const printer = origin === 'continued' ? (this.#printer ?? guess(text)) : origin;
    // A line of SkyPilot in between does not change the printer of the following lines without a prefix.
    if (origin === 'setup' || origin === 'task') this.#printer = origin;
    const source = SOURCES[printer];
    if (text.trim() === '') return { source, line: undefined };
    const parsed = this.#parse(printer, text);
    // vLLM's logger writes each line of a message of several lines, also the blank ones.
    if (parsed.message.trim() === '') return { source, line: undefined };
    const shown = parsed.bar === undefined || this.#bars.wants(parsed.bar);
    return { source, line: shown ? parsed : undefined };
  }

  #parse(printer: Printer, text: string): ParsedLine {
    switch (printer) {
      case 'skypilot':
        return this.#controlLine(text);
      case 'setup':
        return this.#setupLine(text);
      case 'task':
        return this.#taskLine(text);
    }
  }

  #controlLine(text: string): ParsedLine {
    const parsed = parseJobControlLine(text);
    this.#control ??= parsed.cause;
    const bare = { process: undefined, level: undefined, location: undefined, message: text };
    return this.#controlTracebacks.read(bare) === undefined ? parsed : { ...parsed, level: 'error' };
  }

  #setupLine(text: string): ParsedLine {
    const parsed = parseSetupLine(text);
    const read = this.#setup.read(parsed.message);
    // The output of a failed build, which an error shows, has steps too.
    if (parsed.event === undefined || read.error) return explained({ ...parsed, event: undefined }, read);
    this.#setup.forget();
    return parsed;
  }

  #taskLine(text: string): ParsedLine {
    // The setup is over, so nothing that it printed ends the job.
    this.#setup.forget();
    const prefixed = readVllmPrefix(text);
    const parsed = this.#loading(parsedVllmLine(prefixed));
    if (parsed.event?.kind === 'startup_complete') this.#task.started();
    else if (parsed.event !== undefined) this.#task.proceeded(prefixed.process);
    return explained(parsed, this.#task.read(prefixed));
  }

  /** The phase begins with the first line of the run, whatever it is. */
  #loading(parsed: ParsedLine): ParsedLine {
    const bar = readWeightFetchBar(parsed.message);
    const begins = !this.#running && parsed.message.trim() !== '';
    if (begins) this.#running = true;
    if (bar !== undefined) {
      const fraction = FETCH_FROM + (FETCH_TO - FETCH_FROM) * this.#fetch.read(bar);
      return { ...parsed, bar, details: bar.details, event: { kind: 'model_loading_step', fraction } };
    }
    if (!begins || parsed.event !== undefined) return parsed;
    return { ...parsed, event: { kind: 'model_loading_step', fraction: 0 } };
  }
}

function explained(parsed: ParsedLine, read: { explains: boolean; error: boolean }): ParsedLine {
  if (!read.error) return parsed;
  return { ...parsed, level: 'error', ...(read.explains && { explains: true }) };
}

/** After a resumption the prefix of the line before is unknown. */
function guess(text: string): 'task' | 'skypilot' {
  const { event, details, bar } = parsedVllmLine(readVllmPrefix(text));
  return event === undefined && details === undefined && bar === undefined ? 'skypilot' : 'task';
}

const SOURCES: Readonly<Record<Printer, LogSource>> = {
  skypilot: 'skypilot',
  setup: 'instance',
  task: 'vllm',
};
