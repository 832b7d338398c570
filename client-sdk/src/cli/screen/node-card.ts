import type { LaunchAttempt, Node } from '@launchlog/shared/node';
import { PHASES } from '@launchlog/shared/phase';
import { dollars } from '@launchlog/shared/cost/dollars';
import { durationText } from './duration.js';
import { neutralise } from './neutralise.js';
import type { Style } from './style.js';
import { wrapToWidth } from './text-width.js';

const NAME_WIDTH = 12;
/** However narrow the terminal. */
const VALUE_WIDTH_MIN = 20;

/** Describes one node for people. `columns`: width of the terminal, into which long values are broken. */
export function nodeCard(node: Node, style: Style, columns = Number.POSITIVE_INFINITY): string {
  const width = Math.max(VALUE_WIDTH_MIN, columns - NAME_WIDTH);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['id', node.id],
    ['cluster', node.clusterName],
    ['status', style.status(node, statusText(node))],
    ['health', healthText(node)],
    ['model', node.modelName],
    ['hardware', `${node.gpuCount}×${node.gpuType}, ${node.useSpot ? 'spot' : 'on demand'}`],
    ['place', `${node.provider} ${node.region}`],
    ['price', node.pricePerHour === undefined ? undefined : `${dollars(node.pricePerHour)} per hour`],
    ['endpoint', node.endpoint],
    ['reason', node.failureMessage],
    ['try', node.hint],
    ['deployment', node.deploymentId],
    ['tenant', node.tenantId],
    ['retry of', retryText(node)],
    ['run by', node.orchestrator === 'simulated' ? style.yellow('simulated') : node.orchestrator],
    ['created', withActor(node.createdAt, node.createdBy)],
    ['ended', endText(node)],
    ['last seen', node.lastSeenAt],
    ['terminated', terminationText(node)],
    ['idle since', node.idleSince],
    ['ends', node.terminateAt],
    ['relaunch', node.relaunchAt === undefined ? undefined : `not before ${node.relaunchAt}`],
    ['trace', node.traceUrl ?? node.traceId],
    ['phases', phasesText(node)],
    ['tried', node.attempts.length === 0 ? undefined : node.attempts.map(attemptText).join('\n')],
  ];
  return rows
    .filter((row): row is readonly [string, string] => row[1] !== undefined)
    .map(([name, text]) => `${style.dim(name.padEnd(NAME_WIDTH))}${indented(text, style, width)}`)
    .join('\n');
}

function statusText(node: Node): string {
  if (node.status === 'failed' && node.failureReason !== undefined) return `failed (${node.failureReason})`;
  if (node.status === 'lost' && node.lossReason !== undefined) return `lost (${node.lossReason})`;
  if (node.status !== 'launching') return node.status;
  const left = node.eta === undefined ? '' : `, about ${durationText(node.eta.seconds)} left`;
  return `${node.phase} ${node.progress}%${left}${node.stalled ? ', slower than usual' : ''}`;
}

function healthText({ status, health, healthSince, healthReason }: Node): string | undefined {
  if (status !== 'active' || health === undefined) return undefined;
  const since = healthSince === undefined ? '' : ` since ${healthSince}`;
  return `${health}${since}${healthReason === undefined ? '' : `: ${healthReason}`}`;
}

function retryText({ retryOf, retryReason }: Node): string | undefined {
  return retryOf === undefined || retryReason !== 'lost' ? retryOf : `${retryOf}, which was lost`;
}

function endText({ endedAt, cancelledBy }: Node): string | undefined {
  return cancelledBy === undefined ? endedAt : `${endedAt ?? 'soon'}, cancelled by ${cancelledBy}`;
}

function terminationText({ terminatedAt, terminatedBy }: Node): string | undefined {
  if (terminatedBy === undefined) return terminatedAt;
  return withActor(terminatedAt ?? 'soon', terminatedBy);
}

function withActor(moment: string, actor: string | undefined): string {
  return actor === undefined ? moment : `${moment} by ${actor}`;
}

function phasesText(node: Node): string | undefined {
  const known = PHASES.flatMap((phase) => {
    const seconds = node.phaseSeconds[phase];
    return seconds === undefined ? [] : [`${phase} ${durationText(seconds)}`];
  });
  return known.length === 0 ? undefined : known.join(', ');
}

function attemptText(attempt: LaunchAttempt): string {
  const location = [attempt.cloud, attempt.zone ?? attempt.region, attempt.instance].filter(
    (part) => part !== undefined,
  );
  const price = attempt.price === undefined ? '' : ` $${attempt.price}/h`;
  const why = attempt.message ?? attempt.reason;
  return `${location.join(' ')}${price}: ${attempt.outcome}${why === undefined ? '' : ` (${why})`}`;
}

/** Removes the control characters of a value, and keeps our own colours. */
function indented(text: string, style: Style, width: number): string {
  const lines = text.split('\n').flatMap((line) => wrapToWidth(neutralise(line, style.colours), width));
  return lines.join(`\n${' '.repeat(NAME_WIDTH)}`);
}
