import type { NotificationRule } from '@launchlog/sdk';
import { notificationRuleInputSchema, notificationRulePatchSchema } from '@launchlog/shared/notification';

/** A rule as it is typed. */
export interface RuleDraft {
  readonly name: string;
  readonly kind: NotificationRule['target']['kind'];
  /** A URL, or addresses between commas, spaces or semicolons. */
  readonly to: string;
  readonly provider: string;
  readonly deploymentId: string;
  readonly events: readonly string[];
}

export const FIRST_DRAFT: RuleDraft = {
  name: '',
  kind: 'slack',
  to: '',
  provider: '',
  deploymentId: '',
  events: ['launch.failed', 'node.lost'],
};

/** The rule as it can be typed again. A URL is a credential that the server does not show: it stays where it is empty. */
export function draftOf(rule: NotificationRule): RuleDraft {
  const { name, target, events, provider, deploymentId } = rule;
  const to = target.kind === 'email' ? target.to.join(', ') : '';
  return { name, kind: target.kind, to, provider: provider ?? '', deploymentId: deploymentId ?? '', events };
}

export function readDraft(draft: RuleDraft) {
  const { provider, deploymentId } = draft;
  return notificationRuleInputSchema.safeParse({
    name: draft.name,
    target: targetOf(draft),
    events: draft.events,
    ...(provider !== '' && { provider }),
    ...(deploymentId.trim() !== '' && { deploymentId: deploymentId.trim() }),
  });
}

/** What the draft changes of the rule. */
export function readPatch(draft: RuleDraft, { target }: NotificationRule) {
  const { provider, deploymentId } = draft;
  const staysAsItIs = draft.kind === target.kind && draft.to.trim() === '';
  return notificationRulePatchSchema.safeParse({
    name: draft.name,
    ...(!(staysAsItIs && draft.kind !== 'email') && { target: targetOf(draft) }),
    events: draft.events,
    provider: provider === '' ? null : provider,
    deploymentId: deploymentId.trim() === '' ? null : deploymentId.trim(),
  });
}

function targetOf({ kind, to }: RuleDraft) {
  const addresses = to.split(/[\s,;]+/).filter((address) => address !== '');
  return kind === 'email' ? { kind, to: addresses } : { kind, url: to.trim() };
}
