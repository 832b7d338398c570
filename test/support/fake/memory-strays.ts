import type { AuditLog } from '@launchlog/server/audit/audit-log';
import { StrayService } from '@launchlog/server/stray/stray-service';
import type { Stray } from '@launchlog/shared/cost/stray';

const NODE_ID = '550e8600-e29b-41d4-a716-446655440000';
const AT = '2026-03-01T12:00:00.000Z';

/** Every name is that of a stray that is ours; the list also has one of each other kind. */
export function memoryStrays(audit: Pick<AuditLog, 'around'>): StrayService {
  const seen = { place: 'AWS us-west-2', launchedAt: AT, foundAt: AT, seenAt: AT } as const;
  const stray = (name: string): Stray => ({ ...seen, name, kind: 'ours', state: 'UP' });
  return new StrayService({
    store: {
      list: () =>
        Promise.resolve([
          stray('cic-aws-uswest2-a100-spot-550e84'),
          { ...stray('cic-aws-uswest2-a100-spot-550e85'), kind: 'foreign', reason: 'It has no label' },
          { ...stray('cic-aws-uswest2-a100-spot-550e86'), kind: 'gone', nodeId: NODE_ID },
        ]),
      find: (name) => Promise.resolve(stray(name)),
      askRemoval: (name, by) => Promise.resolve({ ...stray(name), terminatedBy: by, terminatingSince: AT }),
    },
    audit,
    onAsked: () => undefined,
  });
}
