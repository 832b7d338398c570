import type { NotificationPayload } from './notification-message.js';

/** A notification for people, from which every chat message and mail is built. */
export interface NotificationText {
  readonly headline: string;
  /** One sentence, or empty. */
  readonly explanation: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly link: string | undefined;
}

type NodeData = Extract<NotificationPayload['data'], { readonly node_id: string }>;
type NoticeData = Exclude<NotificationPayload['data'], NodeData>;

export function textOf({ type, data }: NotificationPayload): NotificationText {
  return 'node_id' in data ? nodeText(type, data) : noticeText(data);
}

function nodeText(type: string, data: NodeData): NotificationText {
  const gpus = data.gpu_count === 1 ? data.gpu_type : `${data.gpu_count} × ${data.gpu_type}`;
  const ofLaunch = type.startsWith('launch.');
  const facts: (readonly [string, string | undefined])[] = [
    ['Model', data.model_name],
    ['Machine', `${gpus}${data.use_spot ? ', spot' : ''}`],
    ['Where', `${data.provider} ${data.region}`],
    ['Phase', ofLaunch ? data.phase : undefined],
    ['Reason', data.failure_reason ?? data.loss_reason],
    ['Try', data.hint],
    ['Endpoint', data.endpoint],
    ['Time', ofLaunch ? durationOf(data.duration_seconds) : undefined],
    ['Price', data.price_per_hour === undefined ? undefined : `$${data.price_per_hour} per hour`],
    ['Launched by', data.created_by],
    ['Cancelled by', data.cancelled_by],
    ['Deployment', data.deployment_id],
    ['Node', data.node_id],
  ];
  return {
    headline: (HEADLINES[type] ?? ((name: string) => `${name}: ${type}`))(data.cluster_name, data),
    explanation: data.message ?? data.failure_message ?? '',
    facts: known(facts),
    link: data.console_url,
  };
}

function noticeText(data: NoticeData): NotificationText {
  const facts: (readonly [string, string | undefined])[] = [
    ['Provider', data.provider],
    ['Deployment', data.deployment_id],
    ['Tenant', data.tenant_id],
    ...Object.entries(data.details ?? {}).map(([name, value]) => [labelOf(name), String(value)] as const),
  ];
  return { headline: data.message, explanation: '', facts: known(facts), link: data.console_url };
}

function known(facts: readonly (readonly [string, string | undefined])[]) {
  return facts.flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const]));
}

/** Turns `cluster_name` into `Cluster name`. */
function labelOf(name: string): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1).replaceAll('_', ' ')}`;
}

const HEADLINES: Readonly<Record<string, (name: string, data: NodeData) => string>> = {
  'launch.active': (name) => `${name} is active`,
  'launch.failed': (name) => `${name} failed to launch`,
  'launch.cancelled': (name) => `The launch of ${name} was cancelled`,
  'launch.stalled': (name, { phase }) => `${name} takes unusually long in ${phase}`,
  'launch.test': () => 'This is a test of a Launchlog notification',
  'node.degraded': (name) => `${name} does not serve as it should`,
  'node.recovered': (name) => `${name} is healthy again`,
  'node.idle': (name) => `${name} is idle and still costs`,
  'node.lost': (name) => `${name} was lost`,
  'node.relaunched': (name) => `${name} is launched again`,
  'node.terminated': (name) => `${name} was terminated`,
};

/** Formats a duration: `1 h 4 min`, `3 min 20 s`, `12 s`. */
export function durationOf(seconds: number): string {
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
