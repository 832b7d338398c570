import type { SealedSecrets, SecretBox } from '../database/secret-box.js';
import { notificationTargetSchema, type NotificationTarget } from './notification-target.js';

/** Seals the targets of rules for the database. Bound to one rule: a target opens for no other. */
export class TargetBox {
  readonly #box: SecretBox;

  constructor(box: SecretBox) {
    this.#box = box;
  }

  seal(ruleId: string, target: NotificationTarget): SealedSecrets {
    return this.#box.seal(contextOf(ruleId), { target: JSON.stringify(target) });
  }

  /** Throws when it was sealed by another key or for another rule, or was changed. */
  open(ruleId: string, sealed: SealedSecrets): NotificationTarget {
    const { target = '' } = this.#box.open(contextOf(ruleId), sealed);
    return notificationTargetSchema.parse(JSON.parse(target));
  }
}

/** Never the id of a node, so that what was sealed for one of the two cannot be passed off as the other. */
function contextOf(ruleId: string): string {
  return `notification:${ruleId}`;
}
