import type { SealedSecrets, SecretBox } from '../database/secret-box.js';
import { notificationTargetSchema, type NotificationTarget } from './notification-target.js';

/** Seals the targets of rules for the database. A sealed target opens only for its own rule. */
export class TargetBox {
  readonly #box: SecretBox;

  constructor(box: SecretBox) {
    this.#box = box;
  }

  seal(ruleId: string, target: NotificationTarget): SealedSecrets {
    return this.#box.seal(contextOf(ruleId), { target: JSON.stringify(target) });
  }

  /** Throws if the target was sealed with another key or for another rule, or was changed. */
  open(ruleId: string, sealed: SealedSecrets): NotificationTarget {
    const { target = '' } = this.#box.open(contextOf(ruleId), sealed);
    return notificationTargetSchema.parse(JSON.parse(target));
  }
}

/** Differs from every node id, so that a sealed target and the sealed secrets of a node cannot be swapped. */
function contextOf(ruleId: string): string {
  return `notification:${ruleId}`;
}
