type Facts = Readonly<Record<string, string | number | boolean>>;

/** The kinds of this release. */
export const EVENT_KINDS = [
  'launched',
  'attempt',
  'active',
  'failed',
  'cancelling',
  'health',
  'lost',
  'terminating',
  'terminated',
  'relaunched',
  'relaunch',
  'idle',
] as const;

/** One sentence for people. A kind that we do not know is shown as it is. */
export function eventMessage(kind: string, facts: Facts): string {
  const { by, text } = facts;
  const byWhom = by === undefined ? '' : ` by ${by}`;
  switch (kind) {
    case 'launched':
      return `Launched${byWhom}${origin(facts)}`;
    case 'attempt':
      return attempt(facts);
    case 'active':
      return facts['endpoint'] === undefined ? 'Active' : `Active at ${facts['endpoint']}`;
    case 'failed':
      return `The launch failed (${facts['reason']})${text === undefined ? '' : `: ${text}`}`;
    case 'cancelling':
      return `The launch was cancelled${byWhom}`;
    case 'health':
      return `${HEALTHS[String(facts['health'])] ?? String(facts['health'])}${text === undefined ? '' : `: ${text}`}`;
    case 'lost':
      return `Lost (${facts['reason']})${text === undefined ? '' : `: ${text}`}`;
    case 'terminating':
      return `Termination requested${byWhom}${text === undefined ? '' : `: ${text}`}`;
    case 'terminated':
      return 'Terminated';
    case 'relaunched':
      return `Relaunched${byWhom} as ${facts['as']}`;
    case 'relaunch':
      return `Relaunch${text === undefined ? '' : ` ${text}`}${byWhom}`;
    case 'idle':
      return `Idle since ${facts['since']}${facts['price'] === undefined ? '' : `, at $${facts['price']} per hour`}`;
    default:
      return text === undefined ? kind : `${kind}: ${text}`;
  }
}

const HEALTHS: Readonly<Record<string, string>> = {
  healthy: 'Healthy',
  degraded: 'Degraded',
  unreachable: 'Unreachable',
  unknown: 'Not visible',
};

function origin({ retryOf, retryReason }: Facts): string {
  if (retryOf === undefined) return '';
  return retryReason === 'lost' ? ` in place of ${retryOf}, which was lost` : ` again, after ${retryOf}`;
}

function attempt({ cloud, region, zone, instance, price, outcome, message, reason }: Facts): string {
  const offer = [cloud, zone ?? region, instance].filter((part) => part !== undefined).join(' ');
  const cost = price === undefined ? '' : ` at $${price} per hour`;
  if (outcome === 'won') return `${offer}${cost}: got the machine`;
  return `${offer}${cost}: ${message ?? reason ?? outcome}`;
}
