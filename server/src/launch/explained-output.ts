import type { LogLevel } from '@launchlog/shared/log-entry';
import type { FailureReason } from '@launchlog/shared/node';
import type { Phase } from '@launchlog/shared/phase';
import type { LaunchEvent } from '../orchestrator/launch-event.js';
import { Observer } from '../orchestrator/observer.js';
import type { OutputStream } from '../orchestrator/orchestrator.js';
import { JobStreamReader } from '../orchestrator/output/job-stream-reader.js';
import { readJobPrefix } from '../orchestrator/output/skypilot-job-output.js';
import { parseLaunchLine } from '../orchestrator/output/skypilot-output.js';
import { plainText } from '../orchestrator/output/terminal-text.js';
import { readVllmPrefix } from '../orchestrator/output/vllm-prefix.js';
import { LogRedactor } from '../redaction/redactor.js';
import type { Launch } from './launch.js';
import { transition } from './transition.js';

interface SavedOutput {
  readonly lines: readonly string[];
  /** Undefined: recognised by its lines. */
  readonly stream?: OutputStream | undefined;
  /** Which program printed lines without SkyPilot's prefix. Undefined: recognised by its lines. */
  readonly stage?: 'setup' | 'task' | undefined;
}

/** An entry that changes phase or progress. */
interface ExplainedEntry {
  /** Its number in the saved output, from 1; each redraw of a bar is a line. */
  readonly line: number;
  readonly phase: Phase;
  readonly progress: number;
  readonly level: LogLevel;
  readonly message: string;
}

/** Why the launch failed, as far as the output explains it; null where it does not. */
interface ExplainedEnd {
  readonly reason: FailureReason | null;
  readonly message: string | null;
  readonly hint: string | null;
}

/** Reads saved output as if it were that of a launch that began earlier. */
export function* explainedOutput(output: SavedOutput): Generator<ExplainedEntry | ExplainedEnd> {
  const stream = output.stream ?? streamOf(output.lines);
  const stage = stream === 'job' ? (output.stage ?? stageOf(output.lines)) : undefined;
  const observer = new Observer({ kind: 'skypilot-api', redactor: new LogRedactor(), stage });
  let launch = begun(stream);
  let offerFailed = false;
  for (const [index, text] of output.lines.entries()) {
    const observed = observer.observe({ kind: 'line', stream, text });
    if (observed?.event === undefined) continue;
    offerFailed = stillFailed(offerFailed, observed.event);
    const after = transition(launch, observed.event, 0);
    const changed = after.phase !== launch.phase || after.progress !== launch.progress;
    launch = after;
    const { phase, progress } = launch;
    const { level, message } = observed;
    if (changed) yield { line: index + 1, phase, progress, level, message };
  }
  yield endOf(observer, offerFailed);
}

function endOf(observer: Observer, offerFailed: boolean): ExplainedEnd {
  const reason = observer.cause?.reason ?? (offerFailed ? 'no_capacity' : undefined);
  if (reason === undefined) return { reason: null, message: null, hint: null };
  const message = observer.cause?.message ?? 'SkyPilot found no machine.';
  // Observed as for a launch, so that refusals of clouds and the redaction apply here too.
  const event = observer.observe({ kind: 'failed', reason, message })?.event;
  if (event?.kind !== 'failed') return { reason, message, hint: null };
  return { reason: event.reason, message: event.message, hint: event.hint ?? null };
}

function stillFailed(before: boolean, event: LaunchEvent): boolean {
  if (event.kind === 'offer_failed') return true;
  return event.kind === 'instance_up' || event.kind === 'installing_step' ? false : before;
}

function streamOf(lines: readonly string[]): OutputStream {
  if (lines.some((line) => ['setup', 'task'].includes(readJobPrefix(line).origin))) return 'job';
  return lines.some((line) => parseLaunchLine(line).event !== undefined) ? 'launch' : 'job';
}

/**
 * A line that a parser knows proves more than an error, which any program might print. If there are only errors, the programs
 * that they name decide.
 */
function stageOf(lines: readonly string[]): 'setup' | 'task' {
  const [task, setup] = [read(lines, 'task'), read(lines, 'setup')];
  if (task.logged || task.moved) return 'task';
  if (setup.moved) return 'setup';
  if (!task.failed || !setup.failed) return setup.failed ? 'setup' : 'task';
  const names = (words: readonly RegExp[]) =>
    lines.some((line) => words.some((word) => word.test(plainText(line))));
  return names(SETUP_WORDS) && !names(TASK_WORDS) ? 'setup' : 'task';
}

/** Programs that install, and the scripts that call them. */
const SETUP_WORDS: readonly RegExp[] = [
  /\b(?:uv|pip3?|conda|mamba|apt(?:-get)?|dpkg|dnf|yum)(?: [\w-]+)? (?:install|add|sync|venv|update|create)\b/,
  /(?:^|[\s:/])(?:uv|pip3?|conda|mamba|apt(?:-get)?|dpkg|dnf|yum|nvidia-smi|nvcc): (?:command )?not found/,
  /(?:^|[\s/"'])setup(?:[._-]\w+)?\.(?:sh|py)\b/,
  /\/site-packages\/(?:pip|uv|setuptools)\//,
  /^\s*(?:Solving environment|Reading package lists|(?:Packages|Conda|LibMamba)\w*Error\b)/,
];
/** Programs that serve. */
const TASK_WORDS: readonly RegExp[] = [
  /\bvllm(?: serve\b|\.entrypoints\b|: )/,
  /\/site-packages\/(?:vllm|sglang|torch|transformers)\//,
];

function read(lines: readonly string[], stage: 'setup' | 'task') {
  const reader = new JobStreamReader(stage);
  let [logged, moved] = [false, false];
  for (const line of lines) {
    moved = isProgress(reader.line(line).line?.event) || moved;
    logged = readVllmPrefix(plainText(line)).location !== undefined || logged;
  }
  return { logged, moved, failed: reader.cause !== undefined };
}

/** Any line that the task printed begins the loading of the model. */
function isProgress(event: LaunchEvent | undefined): boolean {
  return event !== undefined && !(event.kind === 'model_loading_step' && event.fraction === 0);
}

function begun(stream: OutputStream): Launch {
  const blank: Launch = {
    phase: 'queued',
    progress: 0,
    phaseStartedAtMs: 0,
    phaseSeconds: {},
    attempts: [],
    prices: [],
    startupComplete: false,
    probes: 0,
    endpoint: undefined,
    failure: undefined,
  };
  const submitted = transition(blank, { kind: 'submitted' }, 0);
  return stream === 'launch' ? submitted : transition(submitted, { kind: 'instance_up' }, 0);
}
