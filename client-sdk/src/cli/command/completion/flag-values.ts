import { TOKEN_SCOPES } from '@launchlog/shared/access-token';
import { AUDIT_ACTIONS } from '@launchlog/shared/audit';
import { LAUNCH_DIMENSIONS } from '@launchlog/shared/launch-metrics';
import { PROVIDERS, SIMULATOR_SCENARIOS } from '@launchlog/shared/launch-request';
import { LOG_LEVELS } from '@launchlog/shared/log-entry';
import { NODE_HEALTHS, NODE_STATUSES } from '@launchlog/shared/node';
import { PHASES } from '@launchlog/shared/phase';
import type { LiveValue } from './live-values.js';

/** Where the values of a flag come from. */
export type FlagValues =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'live'; readonly what: LiveValue }
  | { readonly kind: 'files' }
  /** Names of variables of the environment. */
  | { readonly kind: 'variables' }
  /** Anything: numbers, texts, names that are new. */
  | { readonly kind: 'free' };

const words = (list: readonly string[]): FlagValues => ({ kind: 'words', words: list });
const live = (what: LiveValue): FlagValues => ({ kind: 'live', what });
const MOMENTS = words(['10m', '1h', '1d', '1w', 'today', 'yesterday']);
const SPANS = words(['10m', '30m', '1h', '12h', '1d']);

/** By flag; `command --flag` where a command has its own. Flags with choices complete those. */
const VALUES: Readonly<Record<string, FlagValues>> = {
  'export --output': { kind: 'files' },
  'notifications --status': words(['pending', 'delivered', 'failed', 'dead']),
  '--action': words(AUDIT_ACTIONS),
  '--by': words(LAUNCH_DIMENSIONS),
  '--context': live('contexts'),
  '--deployment': live('deployments'),
  '--endpoint-auth': words(['none', 'generated', 'secret']),
  '--expires': words(['12h', '7d', '30d', '90d']),
  '--gpu': live('gpus'),
  '--grace': words(['0s', '1h', '12h', '1d', '7d']),
  '--health': words(NODE_HEALTHS),
  '--level': words(LOG_LEVELS),
  '--model': live('models'),
  '--node': live('nodes'),
  '--on-loss': words(['none', 'relaunch']),
  '--orchestrator': words(['simulated', 'skypilot-api', 'skypilot-cli']),
  '--outcome': words(['ok', 'refused', 'failed']),
  '--phase': words(PHASES),
  '--provider': words(PROVIDERS),
  '--region': live('regions'),
  '--relaunch-unreachable-after': SPANS,
  '--rule': live('rules'),
  '--scenario': words(SIMULATOR_SCENARIOS),
  '--scope': words(TOKEN_SCOPES),
  '--secret': { kind: 'variables' },
  '--selector': words([
    'deployment=',
    'tenant=',
    'region=',
    'gpu=',
    ...NODE_STATUSES.map((status) => `status=${status}`),
    ...NODE_HEALTHS.map((health) => `health=${health}`),
    ...PROVIDERS.map((provider) => `provider=${provider}`),
  ]),
  '--since': MOMENTS,
  '--status': words(NODE_STATUSES),
  '--tail': words(['0', '20', '100', 'all']),
  '--task-file': { kind: 'files' },
  '--tenant': live('tenants'),
  '--terminate-after': SPANS,
  '--terminate-when-idle': SPANS,
  '--timeout': SPANS,
  '--until': MOMENTS,
};

export function flagValues(command: string, flag: string, choices: readonly string[]): FlagValues {
  if (choices.length > 0) return words(choices);
  return VALUES[`${command} ${flag}`] ?? VALUES[flag] ?? { kind: 'free' };
}
