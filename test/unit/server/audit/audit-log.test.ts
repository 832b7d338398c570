import { expect, test } from 'vitest';
import { AuditLog } from '@launchlog/server/audit/audit-log';
import type { Logger } from '@launchlog/server/logger';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { FakeClock } from '../../../support/fake/fake-clock.js';
import { MemoryAuditStore } from '../../../support/fake/memory-audit-store.js';

const BY = { name: 'ada', address: '192.0.2.7' } as const;
const ID = '550e8400-e29b-41d4-a716-446655440000';

function trail() {
  const store = new MemoryAuditStore();
  const clock = new FakeClock();
  const lost: object[] = [];
  const logger = { error: (fields: object) => lost.push(fields) } as unknown as Logger;
  return { store, clock, lost, audit: new AuditLog({ store, clock, logger }) };
}

test('a target that a stranger typed is not kept, an id is', async () => {
  const { store, audit } = trail();
  await audit.record(BY, { action: 'node.cancel', target: 'what a stranger typed' }, { outcome: 'refused' });
  await audit.record(BY, { action: 'node.cancel', target: ID }, { outcome: 'ok' });
  expect(store.entries.map(({ target }) => target)).toEqual([undefined, ID]);
});

test.each([
  [new LaunchlogError('conflict', 'no'), { outcome: 'refused', code: 'conflict' }],
  [new LaunchlogError('unavailable', 'away'), { outcome: 'failed', code: 'unavailable' }],
  [new Error('broken'), { outcome: 'failed', code: 'internal' }],
])('work that fails with %s is recorded, and fails', async (failure, recorded) => {
  const { store, audit } = trail();
  const work = audit.around(BY, { action: 'node.cancel', target: ID }, () => Promise.reject(failure));
  await expect(work).rejects.toBe(failure);
  expect(store.entries).toMatchObject([recorded]);
});

test('repetitions are counted in the row of the first, by one write at a time', async () => {
  const { store, audit, clock } = trail();
  let writes = 0;
  const repeat = store.repeat.bind(store);
  store.repeat = (id, times) => {
    writes += 1;
    return repeat(id, times);
  };
  const refuse = () =>
    audit.record(BY, { action: 'node.cancel', target: ID }, { outcome: 'refused', code: 'x' });
  for (let count = 0; count < 6; count += 1) await refuse();
  await clock.advance(60_000);
  await audit.close();
  expect(store.entries).toMatchObject([{ count: 6 }]);
  expect(writes).toBe(1);
});

test('repetitions of a row that was never written are reported as lost', async () => {
  const { store, audit, clock, lost } = trail();
  store.failure = new Error('away');
  const refuse = () =>
    audit.record(BY, { action: 'node.cancel', target: ID }, { outcome: 'refused', code: 'x' });
  await refuse();
  store.failure = undefined;
  await refuse();
  await clock.advance(60_000);
  await audit.close();
  expect(store.entries).toEqual([]);
  expect(lost).toMatchObject([{ audit: { target: ID } }, { audit: { count: 1 } }]);
});
