import { describe, expect, test } from 'vitest';
import { Observer, type Observed } from '@launchlog/server/orchestrator/observer';
import type { Observation } from '@launchlog/server/orchestrator/orchestrator';
import { LogRedactor } from '@launchlog/server/redaction/redactor';

const SECRET = 'very-secret-value';

function newObserver(kind: 'skypilot-api' | 'simulated' = 'skypilot-api'): Observer {
  return new Observer({ kind, redactor: new LogRedactor([SECRET]) });
}

const launchLine = (text: string): Observation => ({ kind: 'line', stream: 'launch', text });
const jobLine = (text: string): Observation => ({ kind: 'line', stream: 'job', text });
const spinner = (text: string): Observation => ({ kind: 'spinner', text });
const failed = (
  reason: Extract<Observation, { kind: 'failed' }>['reason'],
  message = 'as told',
): Observation => ({
  kind: 'failed',
  reason,
  message,
});

function observeAll(observations: readonly Observation[], observer = newObserver()): Observed[] {
  return observations.flatMap((observation) => observer.observe(observation) ?? []);
}

describe('Observer, sources', () => {
  const observations: readonly (readonly [Observation, string])[] = [
    [launchLine('Considered resources'), 'skypilot'],
    [spinner('Optimizing'), 'skypilot'],
    [{ kind: 'cluster_event', text: 'Syncing files to cluster' }, 'skypilot'],
    [jobLine('(setup pid=1) pip'), 'instance'],
    [jobLine('(vllm, pid=1) INFO'), 'vllm'],
    [{ kind: 'action', level: 'info', message: 'did' }, 'orchestrator'],
    [{ kind: 'submitted', requestId: 'r1' }, 'orchestrator'],
    [{ kind: 'serving', endpoint: 'http://x' }, 'orchestrator'],
    [failed('unknown'), 'orchestrator'],
  ];

  test.each(observations)('%j comes from the source %s', (observation, source) => {
    expect(newObserver().observe(observation)?.source).toBe(source);
  });

  test.each(observations)('%j comes from the simulator if the orchestrator is simulated', (observation) => {
    expect(newObserver('simulated').observe(observation)?.source).toBe('simulator');
  });

  test('a handle is not logged', () => {
    expect(newObserver().observe({ kind: 'handle', handle: 'x' })).toBeUndefined();
  });
});

describe('Observer, spinners', () => {
  test('a text that is repeated or returns is not logged again', () => {
    const texts = ['Launching', 'Launching', 'Checking', 'Launching', 'Checking'].map(spinner);
    expect(observeAll(texts).map(({ message }) => message)).toEqual(['Launching', 'Checking']);
  });

  test('a text is logged again when the next offer is tried', () => {
    const seen = observeAll([
      spinner('Launching - Checking instance status'),
      launchLine('⚙︎ Launching on AWS us-west-2.'),
      spinner('Launching - Checking instance status'),
    ]);
    expect(seen.length).toBe(3);
  });

  test('control text among the lines is read as a spinner and never shown raw', () => {
    const seen = observeAll([
      launchLine(
        '<sky-payload>"<rich_update>[bold cyan]Launching - Waiting for SSH access[/]</rich_update>"</sky-payload>',
      ),
      launchLine('<sky-payload>"<heartbeat></heartbeat>"</sky-payload>'),
      launchLine('<sky-payload>"<rich_exit></rich_exit>"</sky-payload>'),
      jobLine('<sky-payload>"<heartbeat></heartbeat>"</sky-payload>'),
      launchLine('\u001b[?25h'),
      launchLine('\r'),
    ]);
    expect(seen.map(({ message }) => message)).toEqual(['Launching - Waiting for SSH access']);
  });
});

describe('Observer, offers', () => {
  const tried = launchLine('⚙︎ Launching on Lambda us-east-1.');
  const words = (text: string) =>
    launchLine(`W 11-23 11:22:48.251 PID=1 instance.py:125] run_instances error: ${text}`);
  const verdict = launchLine(
    'sky.exceptions.ResourcesUnavailableError: Failed to acquire resources in all zones in us-east-1.',
  );

  test('an offer fails with the cloud’s own words, once', () => {
    const events = observeAll([
      tried,
      words('global/quota-exceeded: Quota exceeded'),
      verdict,
      verdict,
    ]).flatMap(({ event }) => event ?? []);
    expect(events.filter(({ kind }) => kind === 'offer_failed')).toEqual([
      { kind: 'offer_failed', reason: 'quota', message: 'global/quota-exceeded: Quota exceeded' },
    ]);
  });

  test('words without a verdict fail no offer', () => {
    const events = observeAll([tried, words('insufficient-capacity: retrying')]).flatMap(
      ({ event }) => event ?? [],
    );
    expect(events.map(({ kind }) => kind)).toEqual(['offer_tried']);
  });

  test('words about one offer are not applied to the next', () => {
    const events = observeAll([tried, words('Quota exceeded'), verdict, tried, verdict]).flatMap(
      ({ event }) => event ?? [],
    );
    expect(events.at(-1)).toMatchObject({ kind: 'offer_failed', reason: 'no_capacity' });
  });

  test('a launch whose every offer failed for lack of quota failed for lack of quota', () => {
    const seen = observeAll([
      tried,
      words('Quota exceeded'),
      verdict,
      tried,
      words('Quota exceeded'),
      verdict,
      failed('no_capacity'),
    ]);
    expect(seen.at(-1)?.event).toMatchObject({ kind: 'failed', reason: 'quota' });
  });

  test('the last words of the clouds are added to SkyPilot’s verdict', () => {
    const seen = observeAll([
      tried,
      words('Quota exceeded for x'),
      verdict,
      failed('no_capacity', 'Nothing is left.'),
    ]);
    expect(seen.at(-1)?.message).toBe('Nothing is left. The last answer was: Quota exceeded for x');
  });

  test('a verdict on an offer whose trial another process has read counts', () => {
    expect(observeAll([verdict])[0]?.event?.kind).toBe('offer_failed');
  });

  test('offers that failed for different reasons leave the reason of the orchestrator', () => {
    const seen = observeAll([
      tried,
      words('Quota exceeded'),
      verdict,
      tried,
      words('insufficient capacity'),
      verdict,
      failed('no_capacity'),
    ]);
    expect(seen.at(-1)?.event).toMatchObject({ kind: 'failed', reason: 'no_capacity' });
  });
});

describe('Observer, failures', () => {
  const oom = jobLine(
    '(vllm, pid=1) ERROR 11-23 12:00:00 [core.py:1] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.00 GiB.',
  );
  const generic = jobLine(
    '(vllm, pid=1) RuntimeError: Engine core initialization failed. See root cause above.',
  );
  const jobFailed = jobLine('ERROR: Job 1 failed with return code list: [1]');

  test('no line ends a launch', () => {
    const events = observeAll([oom, generic, jobFailed, launchLine('⨯ Failed to provision resources.')]).map(
      ({ event }) => event?.kind,
    );
    expect(events).not.toContain('failed');
  });

  test.each(['unknown', 'model_load_failed'] as const)(
    'the root cause that was printed explains a failure reported as %s',
    (reason) => {
      const seen = observeAll([generic, oom, jobFailed, failed(reason, 'job FAILED')]).at(-1);
      expect(seen?.event).toEqual({
        kind: 'failed',
        reason: 'model_load_failed',
        message:
          'The GPU ran out of memory while the model was loaded: CUDA out of memory. Tried to allocate 1.00 GiB.',
        hint: expect.stringContaining('--max-model-len'),
      });
      expect(seen?.details).toMatchObject({ orchestrator_message: 'job FAILED' });
    },
  );

  test.each(['cancelled', 'timeout', 'unhealthy', 'credentials', 'interrupted', 'setup_failed'] as const)(
    'what is certain stays: %s',
    (reason) => {
      const seen = observeAll([oom, failed(reason)]).at(-1);
      expect(seen?.event).toEqual({ kind: 'failed', reason, message: 'as told' });
    },
  );

  test('a complaint from a setup that succeeded does not explain a model that fails', () => {
    const complaint = jobLine('(setup pid=1) bash: line 3: nvtop: command not found');
    const seen = observeAll([complaint, oom, failed('unknown')]).at(-1);
    expect(seen?.event).toMatchObject({
      reason: 'model_load_failed',
      message: expect.stringContaining('CUDA'),
    });
  });

  test('the first cause counts, not the last', () => {
    const later = jobLine('(vllm, pid=1) ValueError: No available memory for the cache blocks.');
    expect(observeAll([oom, later, failed('unknown')]).at(-1)?.message).toContain('CUDA out of memory');
  });
});

describe('Observer, secrets', () => {
  const observations: readonly Observation[] = [
    launchLine(`W 11-23 11:22:48 a.py:1] said ${SECRET}`),
    launchLine(`\u001b[1m${SECRET.slice(0, 5)}\u001b[0m${SECRET.slice(5)}`),
    spinner(`using ${SECRET}`),
    { kind: 'cluster_event', text: SECRET },
    { kind: 'provision_line', text: '---- Start: setup ----' },
    { kind: 'provision_line', text: SECRET },
    jobLine(`(setup pid=1) HF=${SECRET}`),
    jobLine(`(vllm, pid=1) ERROR 11-23 12:00:00 [a.py:1] CUDA out of memory. ${SECRET}`),
    jobLine(`(vllm, pid=1) vllm serve: error: unrecognized arguments: ${SECRET}`),
    { kind: 'action', level: 'info', message: SECRET },
    {
      kind: 'probe',
      probe: {
        url: `http://x/${SECRET}`,
        target: 'health',
        status: 500,
        ok: false,
        message: SECRET,
        attempt: 1,
      },
    },
    launchLine('⚙︎ Launching on AWS us-east-1.'),
    launchLine(`W 11-23 11:22:48 a.py:1] run_instances error: ${SECRET} quota exceeded`),
    launchLine('ResourcesUnavailableError: Failed to acquire resources in us-east-1.'),
    failed('unknown', `because ${SECRET}`),
  ];

  test('are masked in every message, detail and event', () => {
    const seen = observeAll(observations);
    expect(seen.length).toBe(observations.length);
    expect(JSON.stringify(seen)).not.toContain(SECRET);
    expect(JSON.stringify(seen).split('[redacted]').length).toBeGreaterThan(observations.length - 2);
  });
});
