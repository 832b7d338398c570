import { ENDPOINT_KEY } from '@launchlog/shared/launch-faults';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { cutUnredacted } from '../../redaction/cut-mark.js';
import { Deadline } from '../../wait/deadline.js';
import type { LaunchSpec } from '../orchestrator.js';
import { plainText } from '../output/terminal-text.js';
import { MODEL_SERVER_PORT } from '../own-task/own-task.js';
import type { SkypilotApiClient } from '../skypilot/api-client.js';
import type { SkypilotApiConnection } from '../skypilot/api-connection.js';
import { skypilotTask } from '../skypilot/task.js';
import type { ProviderTraits, RequestJudge } from './request-judge.js';

interface SkypilotJudgeOptions {
  readonly connection: Pick<SkypilotApiConnection, 'post'>;
  readonly client: Pick<SkypilotApiClient, 'outcome'>;
  readonly clock: Clock;
  readonly otherRegions: boolean;
}

/** Not longer: a server is upgraded now and then, and gets new clouds. */
const KNOWN_MS = 60 * 60_000;
const UNKNOWN_MS = 60_000;
/** Long, because the first question to an optimizer loads its catalogs. No caller waits that long. */
const SPOT_WITHIN_MS = 180_000;
const SENTENCE_MAX_CHARACTERS = 300;

/** Exceptions of SkyPilot for a wrong task. Another error may come from its server, so the launch itself decides. */
const FAULTS: ReadonlySet<string> = new Set([
  'InvalidSkyPilotConfigError',
  'NotSupportedError',
  'UserRequestRejectedByPolicy',
  'ValidationError',
  'ValueError',
  'VolumeNotFoundError',
]);

/**
 * Asks a SkyPilot API server. `/validate` answers at once, and refuses ports that cannot be opened. Only the optimizer knows
 * whether there are spot machines. See decision 125.
 */
export class SkypilotJudge implements RequestJudge {
  readonly #options: SkypilotJudgeOptions;
  readonly #known = new Map<string, { readonly traits: Promise<ProviderTraits>; readonly untilMs: number }>();

  constructor(options: SkypilotJudgeOptions) {
    this.#options = options;
  }

  traits(provider: string): Promise<ProviderTraits> {
    const nowMs = this.#options.clock.monotonic();
    const known = this.#known.get(provider);
    if (known !== undefined && known.untilMs > nowMs) return known.traits;
    const traits = this.#ask(provider).then((found) => {
      const certain = found.ports !== undefined && found.spot !== undefined;
      const untilMs = this.#options.clock.monotonic() + (certain ? KNOWN_MS : UNKNOWN_MS);
      this.#known.set(provider, { traits, untilMs });
      return found;
    });
    this.#known.set(provider, { traits, untilMs: nowMs + SPOT_WITHIN_MS });
    return traits;
  }

  refusal({ secrets = {}, ...request }: LaunchRequest): Promise<string | undefined> {
    const key = request.endpointAuth === 'generated' ? { [ENDPOINT_KEY]: '' } : {};
    return this.refusalOf({ ...BLANK, request, secrets: { ...secrets, ...key } });
  }

  /** The values of its secrets are not sent. */
  async refusalOf(spec: LaunchSpec, signal?: AbortSignal): Promise<string | undefined> {
    const { otherRegions } = this.#options;
    const secrets = Object.fromEntries(Object.keys(spec.secrets).map((name) => [name, 'x']));
    try {
      const task = skypilotTask({ ...spec, secrets }, { otherRegions, secrets: 'included' });
      const fault = await this.#validate(task, signal);
      return fault === undefined || !FAULTS.has(fault.type) ? undefined : sentence(fault.message);
    } catch {
      return undefined;
    }
  }

  /** Never rejects. */
  async #ask(provider: string): Promise<ProviderTraits> {
    const [ports, spot] = await Promise.all([
      this.#ports(provider).catch(() => undefined),
      this.#spot(provider).catch(() => undefined),
    ]);
    return { ports, spot };
  }

  async #ports(provider: string): Promise<boolean | undefined> {
    const fault = await this.#validate(`resources:\n  infra: ${provider}\n  ports: ${MODEL_SERVER_PORT}\n`);
    if (fault === undefined) return true;
    return fault.type === 'NotSupportedError' && fault.message.includes('open_ports') ? false : undefined;
  }

  async #spot(provider: string): Promise<boolean | undefined> {
    const deadline = new Deadline({ clock: this.#options.clock, ms: SPOT_WITHIN_MS });
    try {
      return await this.#optimized(provider, deadline.signal);
    } finally {
      deadline.clear();
    }
  }

  /** Whether SkyPilot's optimizer finds a spot machine at the provider. */
  async #optimized(provider: string, signal: AbortSignal): Promise<boolean | undefined> {
    const { connection, client } = this.#options;
    const dag = `resources:\n  infra: ${provider}\n  use_spot: true\n`;
    const { requestId } = await connection.post('/optimize', { dag, request_options: null }, signal);
    if (requestId === undefined) return undefined;
    const outcome = await client.outcome(requestId, signal);
    if (outcome.kind !== 'failed') return outcome.kind === 'succeeded' ? true : undefined;
    return plainText(outcome.error.message).includes('spot_instance') ? false : undefined;
  }

  /** The fault that SkyPilot finds in a task. Rejects if it gives no verdict. */
  async #validate(
    dag: string,
    signal: AbortSignal = NEVER,
  ): Promise<z.output<typeof faultSchema> | undefined> {
    const { status, body } = await this.#options.connection.post(
      '/validate',
      { dag, request_options: null },
      signal,
    );
    if (status === 200) return undefined;
    return faultSchema.parse(z.object({ detail: z.unknown() }).parse(body).detail);
  }
}

const NEVER = new AbortController().signal;

const BLANK = {
  nodeId: '00000000-0000-4000-8000-000000000000',
  clusterName: 'cic-request',
  handle: undefined,
  checkpoint: undefined,
} as const;

const faultSchema = z.object({ type: z.string(), message: z.string() });

function sentence(message: string): string {
  const text = message
    .split('\n')
    .map((line) => plainText(line))
    .join(' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return cutUnredacted(text, SENTENCE_MAX_CHARACTERS);
}
