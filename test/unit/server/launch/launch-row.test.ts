import { expect, test } from 'vitest';
import { LaunchRow } from '@launchlog/server/launch/launch-row';
import type { LeaseStore, NodeChanges } from '@launchlog/server/node/lease-store';
import { BLANK_WORK } from '@launchlog/server/node/work/launch-work';
import { FakeClock } from '../../../support/fake/fake-clock.js';

function start() {
  const clock = new FakeClock();
  const saved: NodeChanges[] = [];
  const leases = {
    save: (_lease: unknown, changes: NodeChanges) => {
      saved.push(changes);
      return Promise.resolve(true);
    },
    end: (_lease: unknown, changes: NodeChanges) => {
      saved.push(changes);
      return Promise.resolve(undefined);
    },
  } as unknown as LeaseStore;
  const row = new LaunchRow({
    leases,
    lease: { nodeId: 'node', attempt: 1 },
    clock,
    signal: new AbortController().signal,
    work: () => BLANK_WORK,
    onLost: () => undefined,
    onProblem: () => undefined,
  });
  return { clock, saved, row };
}

test('progress that changes often is stored once a second, with its newest value', async () => {
  const { clock, saved, row } = start();
  for (let progress = 10; progress < 40; progress += 1) {
    row.changeLater({ progress });
    await clock.advance(100);
  }
  expect(saved.map(({ progress }) => progress)).toEqual([19, 29, 39]);
});

test('any other change is stored at once, and takes the progress that waits along', async () => {
  const { clock, saved, row } = start();
  row.changeLater({ progress: 12 });
  row.change({ phase: 'installing' });
  await row.stored();
  expect(saved).toEqual([{ progress: 12, phase: 'installing' }]);
  await clock.advance(5_000);
  expect(saved).toHaveLength(1);
});

test('whoever waits for the row to be stored does not wait for the second', async () => {
  const { saved, row } = start();
  row.changeLater({ progress: 12 });
  await row.stored();
  expect(saved).toEqual([{ progress: 12 }]);
});

test('the end of a launch comes after the progress that waits', async () => {
  const { clock, saved, row } = start();
  row.changeLater({ progress: 99 });
  await row.end({ status: 'active' });
  await clock.advance(5_000);
  expect(saved).toEqual([{ progress: 99 }, { status: 'active' }]);
});
