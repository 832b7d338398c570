import { describe, expect, it } from 'vitest';
import { DATABASE_KINDS } from '../../support/database/node-databases.js';
import { CLAIM, NodeRegistry } from '../../support/database/node-registry.js';
import { launchRequest } from '../../support/sample/new-node.js';

const PAST = `now() - interval '1 minute'`;
const FUTURE = `now() + interval '1 minute'`;
/** Until when a row is leased, and from when it may be claimed. */
const TIMES = [
  ['null', 'null'],
  [PAST, 'null'],
  [FUTURE, 'null'],
  ['null', PAST],
  ['null', FUTURE],
] as const;

/** Every row that a claim may meet, as assignments of SQL. */
function* rows(): Generator<string> {
  for (const status of ['launching', 'terminating'])
    for (const slot of ['null', '2'])
      for (const cancel of ['null', 'now()'])
        for (const key of [`null`, `'key-1'`, `'key-2'`])
          for (const [lease, notBefore] of TIMES)
            yield `status = '${status}', slot = ${slot}, cancel_requested_at = ${cancel}, secrets_key_id = ${key},
              lease_owner = case when ${lease} is not null then 'other' end, lease_until = ${lease}, not_before = ${notBefore}`;
}

describe.each(Object.entries(DATABASE_KINDS))('a look for work in %s', (_, open) => {
  const registry = new NodeRegistry(open);
  const full = { ...CLAIM, maxRunning: 1 };
  const change = (assignments: string, id: string) =>
    registry.database.query(`update nodes set ${assignments} where id = $1`, [id]);
  const running = async () => {
    const { id } = await registry.create();
    await change(`slot = 1, lease_owner = 'other', lease_until = ${FUTURE}`, id);
    return id;
  };
  const queue = async () => (await registry.leases.look(full)).queue;

  it('finds work exactly where a claim does, and changes nothing', async () => {
    await running();
    const { id } = await registry.create();
    const found = { yes: 0, no: 0 };
    for (const row of rows()) {
      for (const request of [full, { ...CLAIM, maxRunning: 2 }]) {
        await change(row, id);
        const { claimable } = await registry.leases.look(request);
        expect(await registry.leases.look(request)).toMatchObject({ claimable });
        expect((await registry.leases.claim(request)) !== undefined, `${request.maxRunning}: ${row}`).toBe(
          claimable,
        );
        found[claimable ? 'yes' : 'no'] += 1;
      }
    }
    expect(Math.min(found.yes, found.no)).toBeGreaterThan(40);
    await change(`status = 'launching', orchestrator = 'skypilot', slot = null, lease_until = null`, id);
    expect(await registry.leases.look(CLAIM)).toMatchObject({ claimable: false });
    await change(`status = 'failed'`, id);
    expect(await registry.leases.look(CLAIM)).toEqual({ claimable: false, queue: undefined });
  });

  it('shows the same queue only as long as no position can have changed', async () => {
    const first = await running();
    expect(await queue()).toBeUndefined();
    const { id } = await registry.create({ request: launchRequest({ tenantId: 'one' }) });
    const seen = [await queue()];
    const isNew = async () => {
      const now = await queue();
      expect(seen).not.toContain(now);
      expect(await queue()).toBe(now);
      seen.push(now);
    };
    // Its position is reported.
    const job = await registry.leases.claimQueued(full);
    await isNew();
    await registry.leases.release(job!.lease, 0);
    await isNew();
    // Another launch comes, and takes the place of one that leaves.
    const second = await registry.create();
    await isNew();
    await change('cancel_requested_at = now()', second.id);
    await registry.create();
    await isNew();
    // A tenant has another slot, and was served later than the others.
    const other = await registry.create();
    await change(`slot = 5`, other.id);
    await isNew();
    await change(`slot = null, status = 'active'`, other.id);
    await isNew();
    await registry.database.script(`update tenant_turns set served_at = served_at + interval '1 second'`);
    await isNew();
    await change('slot = null', first);
    await isNew();
    // The owner of a row was lost while it reported its position.
    await change(`lease_until = ${FUTURE}`, id);
    await isNew();
    await change(`progress = 7, updated_at = now()`, first);
    expect(await queue()).toBe(seen.at(-1));
  });
});
