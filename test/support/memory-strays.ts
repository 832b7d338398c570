import type { AuditLog } from '@launchlog/server/audit/audit-log';
import { StrayService } from '@launchlog/server/stray/stray-service';
import type { Stray } from '@launchlog/shared/cost/stray';

const AT = '2026-03-01T12:00:00.000Z';

/** Every name is that of a stray that is ours. */
export function memoryStrays(audit: Pick<AuditLog, 'around'>): StrayService {
  const stray = (name: string): Stray => ({ name, kind: 'ours', state: 'UP', foundAt: AT, seenAt: AT });
  return new StrayService({
    store: {
      list: () => Promise.resolve([stray('cic-aws-uswest2-a100-spot-550e84')]),
      find: (name) => Promise.resolve(stray(name)),
      askRemoval: (name, by) => Promise.resolve({ ...stray(name), terminatedBy: by, terminatingSince: AT }),
    },
    audit,
    onAsked: () => undefined,
  });
}
