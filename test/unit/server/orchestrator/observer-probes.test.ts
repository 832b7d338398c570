import { describe, expect, test } from 'vitest';
import { Observer } from '@launchlog/server/orchestrator/observer';
import type { Observation, Probe } from '@launchlog/server/orchestrator/orchestrator';
import { LogRedactor } from '@launchlog/server/redaction/redactor';

function newObserver(): Observer {
  return new Observer({ kind: 'skypilot-api', redactor: new LogRedactor() });
}

const jobLine = (text: string): Observation => ({ kind: 'line', stream: 'job', text });

describe('Observer, probes', () => {
  const probe = (attempt: number, rest: Partial<Probe>): Observation => ({
    kind: 'probe',
    probe: {
      url: 'http://x/health',
      target: 'health',
      status: undefined,
      ok: false,
      message: 'connection refused',
      attempt,
      ...rest,
    },
  });

  test('the same answer is logged the first, second, fourth, eighth … time', () => {
    const observer = newObserver();
    const logged = Array.from({ length: 100 }, (_, at) => at + 1).filter((attempt) =>
      observer.observe(probe(attempt, {})),
    );
    expect(logged).toEqual([1, 2, 4, 8, 16, 32, 64]);
  });

  test('a change is logged at once', () => {
    const observer = newObserver();
    for (const attempt of [1, 2, 3]) observer.observe(probe(attempt, {}));
    expect(observer.observe(probe(4, { status: 503, message: '503 Service Unavailable' }))?.message).toBe(
      'Probe of /health: 503 Service Unavailable',
    );
    expect(observer.observe(probe(5, { status: 200, ok: true, message: '200 OK' }))?.event).toEqual({
      kind: 'probed',
      ok: true,
      attempt: 5,
    });
  });

  test('answers of /health and /v1/models are counted apart, and the name of the model is logged', () => {
    const observer = newObserver();
    const models = { target: 'models', status: 200 } as const;
    const said = [
      probe(1, { status: 200, ok: true, message: '200 OK' }),
      probe(1, { ...models, message: '200, but it names a/b' }),
      probe(2, { status: 200, ok: true, message: '200 OK' }),
      probe(3, { status: 200, ok: true, message: '200 OK' }),
      probe(3, { ...models, ok: true, message: '200, it names c/d' }),
    ].map((observation) => observer.observe(observation)?.message);
    expect(said).toEqual([
      'Probe of /health: 200 OK',
      'Probe of /v1/models: 200, but it names a/b',
      'Probe of /health: 200 OK (2 times)',
      undefined,
      'Probe of /v1/models: 200, it names c/d',
    ]);
  });

  test('control sequences in an answer do not reach the log', () => {
    const seen = newObserver().observe(probe(1, { status: 200, message: '200 \u001b[31mred\u0007' }));
    expect(seen?.message).toBe('Probe of /health: 200 red');
  });

  test('silence is a debug entry before the start and an info entry after it', () => {
    const observer = newObserver();
    expect(observer.observe(probe(1, {}))?.level).toBe('debug');
    observer.observe(jobLine('(vllm, pid=1) INFO:     Application startup complete.'));
    expect(observer.observe(probe(2, {}))).toMatchObject({
      level: 'info',
      event: { kind: 'probed', ok: false },
    });
  });
});
