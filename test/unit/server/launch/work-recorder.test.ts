import { WorkRecorder } from '@launchlog/server/launch/work/work-recorder';
import { BLANK_WORK, workOf } from '@launchlog/server/node/work/launch-work';
import { SkypilotError } from '@launchlog/server/orchestrator/skypilot/error';
import { expect, test } from 'vitest';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const PROBE = {
  url: 'http://u:p@10.0.0.1:8000/health?key=secret',
  target: 'health',
  message: '',
  attempt: 1,
} as const;

function start(work = BLANK_WORK) {
  const clock = new FakeClock('1970-01-01T00:00:00.000Z');
  return { clock, recorder: new WorkRecorder(clock, work) };
}

test('a call has its times and, if it failed, the kind of its error alone', async () => {
  const { clock, recorder } = start();
  const end = recorder.begin('launch');
  await clock.advance(500);
  end(new SkypilotError('busy', 'the server at https://token@sky is busy'));
  end();
  expect(recorder.work.items).toEqual([
    { kind: 'call', name: 'launch', count: 1, failures: 1, fromMs: 0, toMs: 500, error: 'busy' },
  ]);
});

test('the same question again is one item, another one in between or at the same time is not', async () => {
  const { clock, recorder } = start();
  for (const name of ['status', 'status', 'launch', 'status']) {
    const end = recorder.begin(name);
    await clock.advance(10);
    end();
  }
  const stream = recorder.begin('follow');
  recorder.begin('follow')();
  stream();
  expect(recorder.work.items.map(({ name, count, fromMs, toMs }) => [name, count, fromMs, toMs])).toEqual([
    ['status', 2, 0, 20],
    ['launch', 1, 20, 30],
    ['status', 1, 30, 40],
    ['follow', 1, 40, 40],
    ['follow', 1, 40, 40],
  ]);
});

test('probes of one path are one series, without credentials and query', async () => {
  const { clock, recorder } = start();
  recorder.probed({ ...PROBE, ok: false, status: undefined });
  await clock.advance(2_000);
  recorder.probed({ ...PROBE, ok: false, status: 503 });
  await clock.advance(2_000);
  recorder.probed({ ...PROBE, ok: true, status: 200 });
  expect(recorder.work.items).toEqual([
    {
      kind: 'probe',
      name: '/health',
      count: 3,
      failures: 2,
      fromMs: 0,
      toMs: 4_000,
      status: 200,
      url: 'http://10.0.0.1:8000/health',
    },
  ]);
});

test('a new owner continues the record, and what finds no room is counted', () => {
  const { recorder } = start({
    items: [{ kind: 'call', name: 'follow', count: 1, failures: 0, fromMs: 0 }],
    dropped: 2,
  });
  recorder.begin('follow')();
  for (let each = 0; each < 100; each += 1) recorder.begin(`call ${each}`)();
  recorder.probed({ ...PROBE, ok: true, status: 200 });
  const { items, dropped } = recorder.work;
  expect(items).toHaveLength(60);
  expect(items.slice(0, 2).map(({ name, toMs }) => [name, toMs])).toEqual([
    ['follow', undefined],
    ['follow', 0],
  ]);
  expect(dropped).toBe(2 + 42 + 1);
  expect(workOf(JSON.parse(JSON.stringify(recorder.work)))).toEqual(recorder.work);
  expect(workOf({ items: 'of another program' })).toEqual(BLANK_WORK);
});
