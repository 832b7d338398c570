import type { NotificationPayload } from './notification-message.js';

/** A notification for people, from which every chat message and mail is built. */
export interface NotificationText {
  readonly headline: string;
  /** One sentence, or empty. */
  readonly explanation: string;
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly link: string | undefined;
}

export function textOf({ type, data }: NotificationPayload): NotificationText {
  const gpus = data.gpu_count === 1 ? data.gpu_type : `${data.gpu_count} × ${data.gpu_type}`;
  const facts: (readonly [string, string | undefined])[] = [
    ['Model', data.model_name],
    ['Machine', `${gpus}${data.use_spot ? ', spot' : ''}`],
    ['Where', `${data.provider} ${data.region}`],
    ['Phase', data.phase],
    ['Reason', data.failure_reason],
    ['Try', data.hint],
    ['Endpoint', data.endpoint],
    ['Time', durationOf(data.duration_seconds)],
    ['Price', data.price_per_hour === undefined ? undefined : `$${data.price_per_hour} per hour`],
    ['Launched by', data.created_by],
    ['Cancelled by', data.cancelled_by],
    ['Deployment', data.deployment_id],
    ['Node', data.node_id],
  ];
  return {
    headline: headlineOf(type, data),
    explanation: data.failure_message ?? '',
    facts: facts.flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const])),
    link: data.console_url,
  };
}

function headlineOf(type: NotificationPayload['type'], data: NotificationPayload['data']): string {
  switch (type) {
    case 'launch.active':
      return `${data.cluster_name} is active`;
    case 'launch.failed':
      return `${data.cluster_name} failed to launch`;
    case 'launch.cancelled':
      return `The launch of ${data.cluster_name} was cancelled`;
    case 'launch.stalled':
      return `${data.cluster_name} takes unusually long in ${data.phase}`;
    case 'launch.test':
      return 'This is a test of a Launchlog notification';
  }
}

/** For example `1 h 4 min`, `3 min 20 s`, `12 s`. */
export function durationOf(seconds: number): string {
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
