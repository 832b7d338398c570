import type { PHASES } from '@launchlog/shared/phase';
import { expect } from 'vitest';
import type { ReadEntry } from './launched-node.js';

type Phase = (typeof PHASES)[number];

interface Row {
  readonly source: string;
  readonly level: string;
  readonly phases: readonly Phase[];
  readonly words: RegExp;
  /** `once` rows of one source come in the order of the table. */
  readonly times: 'once' | 'some' | 'any';
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const CLUSTER = 'cic-lambda-useast1-a100-od-[0-9a-f]{6}';
const BEFORE_SERVING = ['installing', 'model_loading'] as const;
const SERVING = ['model_loading', 'health_check'] as const;

function row(source: string, level: string, phases: Phase | readonly Phase[]) {
  const list = typeof phases === 'string' ? [phases] : phases;
  return (times: Row['times'], ...words: RegExp[]): Row[] =>
    words.map((each) => ({ source, level, phases: list, words: each, times }));
}

/** All that a launch of the rig by the API server may print until it is active. The first row that fits counts. */
const SUCCESS: readonly Row[] = [
  ...row('orchestrator', 'info', 'queued')(
    'once',
    /^Launch of launchlog\/tiny on 1 × A100 \(on demand\) at lambda us-east-1 accepted$/,
    new RegExp(`^The node is ${UUID}, its cluster ${CLUSTER}$`),
    /^A slot is free: the launch starts$/,
    /^The task is ready; submitting it to SkyPilot 0\.14\.1 at http:\/\/127\.0\.0\.1:\d+$/,
  ),
  ...row(
    'orchestrator',
    'info',
    'queued',
  )('any', /^SkyPilot's server has not answered for \d+ s: it is busy/),
  ...row('orchestrator', 'info', 'provisioning')('once', /^Launch submitted$/),
  ...row('skypilot', 'info', 'provisioning')(
    'once',
    /^Optimizing$/,
    /^Considered resources \(1 node\):$/,
    /^ Lambda \(us-east-1\) +gpu_1x_a100 +30 +200 +A100:1 +1\.29 +✔$/,
    /^Launching$/,
    /^Launching on Lambda us-east-1\.$/,
  ),
  ...row('skypilot', 'info', 'provisioning')('any', /^Launching - [A-Z][\w ]+$/),
  ...row('skypilot', 'info', 'instance_ready')('once', /^Instance is up\.$/),
  ...row('skypilot', 'info', 'installing')('some', /^Preparing SkyPilot runtime/),
  ...row('skypilot', 'info', 'installing')('once', new RegExp(`^Cluster launched: ${CLUSTER}\\.$`)),
  ...row('skypilot', 'info', 'installing')('any', /^Launching - Opening new ports$/, /^Syncing files\.$/),
  ...row('skypilot', 'info', 'installing')(
    'once',
    /^Running setup$/,
    /^Setup detached\.$/,
    /^Submitting job$/,
    /^Job submitted, ID: 1$/,
    /^Waiting for task resources on 1 node\.$/,
    /^Job started\. Streaming logs\.\.\. \(Ctrl-C to exit log streaming; job will not be killed\)$/,
  ),
  // What SkyPilot prints while it prepares the machine.
  ...row('skypilot', 'debug', ['provisioning', 'instance_ready', 'installing'])('some', /\S/),
  ...row('instance', 'info', 'installing')(
    'once',
    /^NVIDIA A100-SXM4-40GB, 580\.65\.06, 40960 MiB$/,
    /^Using CPython 3\.12\.\d+ interpreter at: /,
    /^Creating virtual environment with seed packages at: /,
    /^Activate with: /,
    /^Using Python 3\.12\.\d+ environment at: /,
    /^Resolved \d+ packages in /,
    /^Installed \d+ packages in /,
  ),
  // Only where its cache has not all of it.
  ...row('instance', 'info', 'installing')('any', /^Prepared \d+ packages? in /),
  ...row('instance', 'debug', 'installing')('some', /^ \+ \w|^\d+ packages, from \S+ to \S+$/),
  ...row('vllm', 'info', 'model_loading')(
    'once',
    /^Fetching weights of launchlog\/tiny: 6 files, 11\.6MB$/,
    /^The weights of launchlog\/tiny are on disk: 6 files, 11\.6MB, after \d+ s$/,
    /^version 0\.32\.0$/,
    /^model launchlog\/tiny$/,
    /^Starting to load model launchlog\/tiny\.\.\.$/,
    /^Loading safetensors checkpoint shards: +100% Completed \| 6\/6 /,
    /^Loading weights took [\d.]+ seconds$/,
    /^CPU KV cache size: 131,072 tokens/,
    /^init engine \(profile, create kv cache, warmup model\) took [\d.]+ s/,
  ),
  ...row('vllm', 'info', 'model_loading')('some', /^Fetching weights: +\d+%\| /),
  ...row('vllm', 'info', SERVING)(
    'once',
    /^Starting vLLM server on http:\/\/0\.0\.0\.0:8000$/,
    /^Application startup complete\.$/,
  ),
  ...row('vllm', 'info', SERVING)('some', /\S/),
  ...row('vllm', 'warn', 'model_loading')('any', /\S/),
  ...row(
    'orchestrator',
    'debug',
    BEFORE_SERVING,
  )('any', /^Probe of \/health: connection refused(?: \(\d+ times\))?$/),
  ...row('orchestrator', 'info', 'health_check')(
    'once',
    /^Probe of \/health: 200 OK$/,
    /^Probe of \/v1\/models: 200, it names launchlog\/tiny$/,
    /^The model server answers at http:\/\/[\d.]+:8000$/,
  ),
  ...row('orchestrator', 'info', 'active')('once', /^launchlog\/tiny is served at http:\/\/[\d.]+:8000$/),
];

/** A program's own prefix of a line, which a reader does not need. */
const PREFIX = /^\(\w[^)]*pid=\d+|^(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)[: ]/;

/** Each entry is known and has its source, level and phase; each required one appears once, and in order. */
export function expectEachEntryOfSuccess(log: readonly ReadEntry[]): void {
  const read = log.map((entry) => ({ entry, row: SUCCESS.findIndex((one) => fits(one, entry)) }));
  const strange = read.filter(({ entry, row: at }) => at < 0 || PREFIX.test(entry.message));
  expect(strange.map(({ entry }) => shown(entry))).toEqual([]);
  const counted = SUCCESS.map(({ times }, at) => ({
    times,
    count: read.filter(({ row }) => row === at).length,
  }));
  const missed = SUCCESS.filter((_, at) => !isEnough(counted[at]));
  expect(missed.map(({ words }) => String(words))).toEqual([]);
  for (const source of new Set(SUCCESS.map((one) => one.source))) {
    const order = read.flatMap(({ row: at }) => {
      const one = SUCCESS[at];
      return one?.source === source && one.times === 'once' ? [at] : [];
    });
    expect(order.map((at) => String(SUCCESS[at]?.words))).toEqual(
      order.toSorted((a, b) => a - b).map((at) => String(SUCCESS[at]?.words)),
    );
  }
}

function fits({ source, level, phases, words }: Row, entry: ReadEntry): boolean {
  return (
    entry.source === source &&
    entry.level === level &&
    phases.includes(entry.phase) &&
    words.test(entry.message)
  );
}

function isEnough(one: { readonly times: Row['times']; readonly count: number } | undefined): boolean {
  if (one === undefined) return false;
  if (one.times === 'once') return one.count === 1;
  return one.times === 'any' || one.count > 0;
}

function shown({ phase, level, source, message }: ReadEntry): string {
  return `[${phase}] ${level} ${source}: ${message}`;
}
