import { FieldError, LaunchlogError, notFound } from '@launchlog/shared/error-code';
import type { Node } from '@launchlog/shared/node';
import type {
  DeliveryPage,
  DeliveryQuery,
  NotificationDelivery,
  NotificationRule,
  NotificationRuleInput,
  NotificationRulePatch,
  NotificationTargetInput,
  NotificationTest,
  RuleWithSecret,
} from '@launchlog/shared/notification';
import { timestampOf, type Clock } from '../clock.js';
import { launchPayload, messageOf } from './notification-message.js';
import type { NewRule, NotificationStore, StoredRule } from './notification-store.js';
import { hostOf, targetOf, viewOf, withNewKey, type NotificationTarget } from './notification-target.js';
import { OutboundRefusedError, type OutboundGuard } from './outbound-guard.js';
import type { TargetBox } from './target-box.js';
import type { TargetSender } from './target-sender.js';

interface NotificationServiceOptions {
  readonly store: NotificationStore;
  readonly sender: TargetSender;
  readonly guard: OutboundGuard;
  readonly targets: TargetBox;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly newSecret: () => string;
  /** Wakes the dispatcher of this process because there is something to send. */
  readonly nudge: () => void;
  readonly publicUrl?: string | undefined;
}

const RULES_MAX = 200;
/** Test messages in flight at once: each may hold a connection for as long as an attempt. */
const TESTS_MAX = 4;

/** The use cases of notifications, the same behind every transport. */
export class NotificationService {
  readonly #options: NotificationServiceOptions;
  #tests = 0;

  constructor(options: NotificationServiceOptions) {
    this.#options = options;
  }

  async listRules(): Promise<readonly NotificationRule[]> {
    return this.#options.store.listRules();
  }

  async getRule(id: string): Promise<NotificationRule> {
    return (await this.#find(id)).rule;
  }

  async createRule(input: NotificationRuleInput): Promise<RuleWithSecret> {
    const { store, newId } = this.#options;
    if ((await store.listRules()).length >= RULES_MAX) {
      throw new LaunchlogError('conflict', `there are ${RULES_MAX} rules already`);
    }
    const id = newId();
    const { target, secret } = this.#targetOf(input.target);
    const { name, events, provider, deploymentId, enabled } = input;
    const filters = { events, provider, deploymentId, enabled };
    const rule = await store.createRule({ id, name, ...filters, ...this.#sealed(id, target) });
    return { rule, secret };
  }

  /** A webhook target without keys gets a new key. */
  async updateRule(id: string, patch: NotificationRulePatch): Promise<RuleWithSecret> {
    const { target: input, ...fields } = patch;
    const made = input && this.#targetOf(input);
    const target = made && this.#sealed(id, made.target);
    const rule = await this.#options.store.changeRule(id, { ...fields, target });
    if (rule === undefined) throw notFound('notification rule', id);
    this.#options.nudge();
    return { rule, secret: made?.secret };
  }

  async removeRule(id: string): Promise<void> {
    if (!(await this.#options.store.removeRule(id))) throw notFound('notification rule', id);
  }

  /** Adds a new signing key; the present keys keep signing for a day. */
  async rotateSecret(id: string): Promise<RuleWithSecret> {
    const stored = await this.#find(id);
    const target = this.#open(id, stored);
    if (target.kind !== 'webhook')
      throw new LaunchlogError('conflict', 'only a webhook has a signing secret');
    const secret = this.#options.newSecret();
    const sealed = this.#sealed(id, withNewKey(target, secret, this.#options.clock.now()));
    const rule = await this.#options.store.changeRule(id, { target: sealed });
    if (rule === undefined) throw notFound('notification rule', id);
    return { rule, secret };
  }

  /** Sends a message marked as a test now and returns its outcome. It creates no delivery. */
  async test(id: string, signal: AbortSignal): Promise<NotificationTest> {
    const { sender, clock, newId, publicUrl } = this.#options;
    const target = this.#open(id, await this.#find(id));
    if (this.#tests >= TESTS_MAX) {
      throw new LaunchlogError('rate_limited', `${TESTS_MAX} tests are already in progress`, {
        retryAfterSeconds: 10,
      });
    }
    this.#tests += 1;
    try {
      const timestamp = timestampOf(clock.now());
      const payload = launchPayload('launch.test', sampleNode(timestamp), { timestamp, publicUrl });
      const outcome = await sender.send(messageOf(newId(), payload), target, signal);
      return {
        delivered: outcome.kind === 'delivered',
        ...(outcome.responseStatus !== undefined && { responseStatus: outcome.responseStatus }),
        message: outcome.detail,
      };
    } finally {
      this.#tests -= 1;
    }
  }

  async listDeliveries(query: DeliveryQuery): Promise<DeliveryPage> {
    return this.#options.store.listDeliveries(query);
  }

  /** Sends a delivery again, or now instead of later, with the same id, so that the receiver can recognise it. */
  async resend(deliveryId: string): Promise<NotificationDelivery> {
    const reply = await this.#options.store.resend(deliveryId);
    switch (reply.kind) {
      case 'due':
        this.#options.nudge();
        return reply.delivery;
      case 'in_flight':
        throw new LaunchlogError('conflict', 'the notification is being sent now');
      case 'unknown':
        throw notFound('notification delivery', deliveryId);
    }
  }

  async #find(id: string): Promise<StoredRule> {
    const stored = await this.#options.store.findRule(id);
    if (stored === undefined) throw notFound('notification rule', id);
    return stored;
  }

  #open(id: string, stored: StoredRule): NotificationTarget {
    try {
      return this.#options.targets.open(id, stored.sealedTarget);
    } catch (cause) {
      const message = 'the target was stored under another SECRETS_KEY: give the rule its target again';
      throw new LaunchlogError('conflict', message, { cause });
    }
  }

  #targetOf(input: NotificationTargetInput): { target: NotificationTarget; secret: string | undefined } {
    if (input.kind !== 'email') this.#inspect(input.url);
    else if (!this.#options.sender.sendsEmail) {
      throw new FieldError('target', 'e-mail is not configured on this server (SMTP_URL)');
    }
    let secret: string | undefined;
    const target = targetOf(input, () => (secret = this.#options.newSecret()));
    return { target, secret };
  }

  /** Refuses early what can be refused now. The address is checked again at each attempt, since names change. */
  #inspect(url: string): void {
    try {
      this.#options.guard.inspect(url);
    } catch (error) {
      if (!(error instanceof OutboundRefusedError)) throw error;
      throw new FieldError('target.url', error.message, { cause: error });
    }
  }

  #sealed(id: string, target: NotificationTarget): Pick<NewRule, 'kind' | 'host' | 'view' | 'sealedTarget'> {
    return {
      kind: target.kind,
      host: hostOf(target),
      view: viewOf(target),
      sealedTarget: this.#options.targets.seal(id, target),
    };
  }
}

/** A made-up node for test messages. */
function sampleNode(timestamp: string): Node {
  return {
    id: '00000000-0000-4000-8000-000000000000',
    clusterName: 'cic-aws-uswest2-a100-spot-000000',
    provider: 'aws',
    region: 'us-west-2',
    gpuType: 'A100',
    gpuCount: 1,
    modelName: 'example/model',
    useSpot: true,
    status: 'active',
    phase: 'active',
    progress: 100,
    orchestrator: 'simulated',
    attempts: [],
    phaseStartedAt: timestamp,
    phaseSeconds: {},
    stalled: false,
    createdAt: timestamp,
    updatedAt: timestamp,
    endedAt: timestamp,
  };
}
