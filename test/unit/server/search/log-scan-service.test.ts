import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { LogScanService } from '@launchlog/server/search/log-scan-service';
import { logSearchQuerySchema } from '@launchlog/shared/log-search';
import { FakeClock } from '../../../support/fake/fake-clock.js';

const QUERY = logSearchQuerySchema.parse({ q: 'error' });
const store = { read: () => Promise.reject(new Error('no log is read')) };

test('a caller may run four searches and a process eight, until one of them ends', async () => {
  const service = new LogScanService({ store, clock: new FakeClock() });
  const gate = new EventEmitter();
  /** Runs until the gate emits the caller's name. */
  const search = (name: string) => {
    const nodes = async function* () {
      await once(gate, name);
      yield* [];
    };
    return service.page(QUERY, nodes, { name });
  };
  const ofOps = Array.from({ length: 4 }, () => search('ops'));
  await expect(search('ops')).rejects.toMatchObject({ code: 'rate_limited', retryAfterSeconds: 2 });
  const ofOthers = ['a', 'b', 'c', 'd'].map(search);
  await expect(search('e')).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 2 });

  gate.emit('a');
  expect(await ofOthers[0]).toMatchObject({ hits: [], complete: true });
  await expect(search('ops')).rejects.toMatchObject({ code: 'rate_limited' });
  const next = search('e');
  for (const name of ['ops', 'b', 'c', 'd', 'e']) gate.emit(name);
  await Promise.all([...ofOps, ...ofOthers, next]);
  await expect(Promise.race([search('ops'), Promise.resolve('runs')])).resolves.toBe('runs');
});
