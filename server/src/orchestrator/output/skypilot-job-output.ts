import type { LogLevel } from '@launchlog/shared/log-entry';
import { namedExitCode } from './exit-code.js';
import type { FailureCause, ParsedLine } from './parsed-line.js';
import { readProgressBar } from './progress-bar.js';
import { plainText } from './terminal-text.js';

/** The printer of a line of the job's log. `continued`: it has no prefix, so its printer is that of the line before. */
export type JobOrigin = 'skypilot' | 'setup' | 'task' | 'continued';

interface JobLine {
  readonly origin: JobOrigin;
  /** The line without the prefix. */
  readonly text: string;
}

const SETUP_PREFIX = /^\s*\(setup(?:,? (?:pid|rank|ip)=[^,)]{1,64}){1,3}\) ?/;
/** The task's name, then at least `pid=`; vLLM's own prefixes (`(EngineCore_DP0 pid=2)`) have no comma. */
const TASK_PREFIX = /^\s*\([^(),]{1,200}, (?:rank=\d{1,6}, )?pid=\d{1,10}(?:, ip=[^,)]{1,64})?\) ?/;
const SKYPILOT_LINE =
  /^\s*(?:├──|└──|⚙︎?|✓|⨯|↺|📋)|^(?:ERROR|INFO): (?:Job \d+|Logs for job|Waiting \d+s for the logs|Tip:)|^Job ID: |^Cluster name: |^To (?:cancel|stream|view|log into|submit|stop|teardown)/u;

/** Splits `(setup pid=1) text` and `(task, pid=2) text` into prefix and text. */
export function readJobPrefix(raw: string): JobLine {
  const text = plainText(raw);
  const setup = SETUP_PREFIX.exec(text);
  if (setup !== null) return { origin: 'setup', text: text.slice(setup[0].length) };
  const task = TASK_PREFIX.exec(text);
  if (task !== null) return { origin: 'task', text: text.slice(task[0].length) };
  return { origin: SKYPILOT_LINE.test(text) ? 'skypilot' : 'continued', text };
}

/** SkyPilot's own lines around the job. */
export function parseJobControlLine(text: string): ParsedLine {
  const message = text.replace(/^\s*(?:├──|└──|⚙︎?|✓|⨯|↺|📋)\s*/u, '').trimEnd();
  const ended = JOB_ENDED.exec(message);
  if (ended !== null) {
    const cause = ended[1] === undefined ? MODEL_SERVER_ENDED : SETUP_ENDED;
    return { level: 'error', message, cause: { ...cause, ...namedEndOf(message) } };
  }
  if (/^Job finished \(status: (?:FAILED|CANCELLED)/.test(message)) return { level: 'warn', message };
  if (/^Waiting for task resources|^Job started\./.test(message)) {
    return { level: 'info', message, event: { kind: 'installing_step', fraction: 0.5 } };
  }
  return { level: message.startsWith('ERROR: ') ? 'error' : 'info', message };
}

const JOB_ENDED = /^ERROR: Job \d+(?:('s setup failed)| failed)/;
const SETUP_ENDED: FailureCause = {
  reason: 'setup_failed',
  message: 'The setup script failed on the instance.',
  generic: true,
};
const MODEL_SERVER_ENDED: FailureCause = {
  reason: 'model_load_failed',
  message: 'The model server ended with an error.',
  generic: true,
};

/**
 * `return code list: [137]`, `(pid=9809, returncode=127)`: explains the end if every code of a failure has a name. SkyPilot kills the
 * other nodes when one has failed, so 137 beside 1 explains nothing.
 */
function namedEndOf(message: string): Partial<FailureCause> | undefined {
  const listed = message.replace(/^.*?(?:return code list:|Failed workers:)/, '').matchAll(EXIT_CODE);
  const codes = [...listed].map(([code]) => Number(/-?\d+$/.exec(code)?.[0])).filter((code) => code !== 0);
  const ends = codes.map((code) => namedExitCode(code));
  const [first] = ends;
  return first === undefined || ends.includes(undefined) ? undefined : { ...first, generic: false };
}

const EXIT_CODE = /(?:^|[[ ,]|returncode=)-?\d{1,4}(?=[\],)\s]|$)/g;

/** Parses a line of the setup script: of uv, pip, apt or the shell. */
export function parseSetupLine(text: string): ParsedLine {
  const message = text.trimEnd();
  const level = setupLevel(message);
  const fraction = SETUP_STEPS.find(({ pattern }) => pattern.test(message))?.fraction;
  return {
    level,
    message,
    ...(fraction !== undefined && { event: { kind: 'installing_step' as const, fraction } }),
    bar: readProgressBar(message),
  };
}

function setupLevel(message: string): LogLevel {
  if (/^\s*(?:ERROR|FATAL|E): |^\s*(?:error|fatal)(?:\[|:)|^\s*× |^Traceback /.test(message)) return 'error';
  if (/^\s*(?:WARNING|Warning|WARN|warning|W)(?::| )/.test(message)) return 'warn';
  if (/^ ?[+~-] [\w.-]+==|^\s*Requirement already satisfied|^(?:Get|Hit|Ign):\d+ /.test(message))
    return 'debug';
  return 'info';
}

/** Progress within the phase, from the steps of uv and pip; other programs show none. */
const SETUP_STEPS: readonly { readonly pattern: RegExp; readonly fraction: number }[] = [
  { pattern: /^\s*(?:Using (?:CPython|Python)|Creating virtual environment)/, fraction: 0.55 },
  { pattern: /^\s*Resolved \d+ packages?|^\s*Collecting \S/, fraction: 0.6 },
  { pattern: /^\s*(?:Downloading|Downloaded|Building) \S/, fraction: 0.7 },
  { pattern: /^\s*(?:Prepared \d+ packages?|Installing collected packages)/, fraction: 0.85 },
  { pattern: /^\s*(?:Installed \d+ packages?|Successfully installed )/, fraction: 0.95 },
];
