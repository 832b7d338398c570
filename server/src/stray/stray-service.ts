import { LaunchlogError, notFound } from '@launchlog/shared/error-code';
import type { Stray } from '@launchlog/shared/cost/stray';
import type { AuditLog } from '../audit/audit-log.js';
import type { Principal } from '../principal.js';
import type { StrayStore } from './stray-store.js';

interface StrayServiceOptions {
  readonly store: Pick<StrayStore, 'list' | 'find' | 'askRemoval'>;
  readonly audit: Pick<AuditLog, 'around'>;
  /** Called when there is a stray to remove. */
  readonly onAsked: () => void;
}

/** The use cases of strays, the same for every transport. They write the audit trail. */
export class StrayService {
  readonly #options: StrayServiceOptions;

  constructor(options: StrayServiceOptions) {
    this.#options = options;
  }

  list(): Promise<readonly Stray[]> {
    return this.#options.store.list();
  }

  /** Asks for the removal of a stray that is ours, which then takes minutes. Idempotent. */
  terminate(by: Principal, name: string): Promise<Stray> {
    const { audit, store, onAsked } = this.#options;
    return audit.around(by, { action: 'stray.terminate' }, async (found) => {
      const stray = await store.find(name);
      if (stray === undefined) throw notFound('stray', name);
      found(stray.name);
      refuse(stray);
      const asked = await store.askRemoval(name, by.name);
      if (asked === undefined) throw notFound('stray', name);
      onAsked();
      return asked;
    });
  }
}

function refuse({ name, kind, nodeId }: Stray): void {
  if (kind === 'foreign') {
    const fault = `${name} does not carry the label of this installation: remove it with 'sky down ${name}' if it is yours`;
    throw new LaunchlogError('conflict', fault);
  }
  if (kind === 'gone') {
    const fault = `${name} is not on SkyPilot, so there is nothing to remove: terminate the node ${nodeId ?? ''}`;
    throw new LaunchlogError('conflict', fault.trim());
  }
}
