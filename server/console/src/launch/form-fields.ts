import type { LaunchForm } from './launch-form.js';
import { alternativesOf } from './alternative-draft.js';
import { typedMinutes } from './minutes-text.js';

const NUMBERS: ReadonlySet<string> = new Set<keyof LaunchForm>([
  'gpuCount',
  'diskSize',
  'tensorParallel',
  'gpuMemoryUtilization',
  'streamerConcurrency',
  'streamerMemoryLimit',
  'maxHourlyCost',
  'relaunchesPerHour',
]);
const SPANS: ReadonlySet<string> = new Set<keyof LaunchForm>([
  'relaunchUnreachableAfter',
  'terminateAfter',
  'terminateWhenIdle',
]);
/** Typed as one `name=value` a line. */
const PAIRS: ReadonlySet<string> = new Set<keyof LaunchForm>(['labels', 'envs']);
const STREAMER: ReadonlySet<string> = new Set(['streamerConcurrency', 'streamerMemoryLimit']);
const RELAUNCH: ReadonlySet<string> = new Set(['relaunchesPerHour', 'relaunchUnreachableAfter']);
/** What a task leaves to the form. */
const BESIDE_TASK: ReadonlySet<string> = new Set([
  'taskYaml',
  'ready',
  'deploymentId',
  'tenantId',
  'endpointAuth',
  'labels',
  'envs',
  'keepOnFailure',
  'maxHourlyCost',
  'onLoss',
  'relaunchesPerHour',
  'relaunchUnreachableAfter',
  'terminateAfter',
  'terminateWhenIdle',
  'simulatorScenario',
]);

/** The fields of a request that the form fills in, by their names. What is not shown is not sent. */
export function fieldsOfForm(form: LaunchForm): ReadonlyMap<string, unknown> {
  const { anyOf, readyPath, readyPort, readyText, ...flat } = form;
  const task = form.taskYaml !== '';
  const values: [string, unknown][] = [
    ...Object.entries(flat).map(([name, typed]): [string, unknown] => [name, valueOf(name, typed)]),
    ['anyOf', alternativesOf(anyOf, form.provider)],
    ['ready', task ? readyOf(readyPath, readyPort, readyText) : undefined],
  ];
  return new Map(
    values.filter(
      ([name, value]) =>
        value !== undefined &&
        (form.useRunaiStreamer || !STREAMER.has(name)) &&
        (form.onLoss === 'relaunch' || !RELAUNCH.has(name)) &&
        (!task || BESIDE_TASK.has(name)),
    ),
  );
}

/** Undefined if nothing was typed. */
function valueOf(name: string, typed: string | boolean): unknown {
  if (typed === '') return undefined;
  if (typeof typed === 'boolean') return typed;
  if (PAIRS.has(name)) return pairsOf(typed);
  if (NUMBERS.has(name)) return Number(typed);
  if (SPANS.has(name)) return typedMinutes(typed);
  return name === 'taskYaml' ? typed : typed.trim();
}

function readyOf(path: string, port: string, text: string): object | undefined {
  const ready = {
    ...(path !== '' && { path: path.trim() }),
    ...(port !== '' && { port: Number(port) }),
    ...(text !== '' && { text }),
  };
  return Object.keys(ready).length === 0 ? undefined : ready;
}

/** Lines such as `team=search`. What has no `=` becomes a name that the schema refuses or takes as empty. */
function pairsOf(typed: string): Readonly<Record<string, string>> {
  const lines = typed.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...value] = line.split('=');
      return [name.trim(), value.join('=')];
    }),
  );
}
