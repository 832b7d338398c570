import { launchChoices } from '@launchlog/shared/launch-choice';
import { z } from 'zod';
import { Deadline } from '../../wait/deadline.js';
import type { LaunchSpec } from '../orchestrator.js';
import type { SkypilotCliOptions } from '../skypilot/cli-process.js';
import { SkypilotCliProcess } from '../skypilot/cli-process.js';
import { pythonOfProgram } from './python-of-program.js';
import type { ProviderTraits, RequestJudge } from './request-judge.js';

type TraitsByProvider = ReadonlyMap<string, ProviderTraits>;

/** Not longer: SkyPilot may be upgraded. */
const KNOWN_MS = 60 * 60_000;
const UNKNOWN_MS = 10 * 60_000;
/** The script imports SkyPilot, and asks Kubernetes for the labels of its nodes. */
const ASK_WITHIN_MS = 90_000;
const LINE_MAX_CHARACTERS = 1_000;
const MARK = 'launchlog-traits ';

/** Clouds that are asked over a network: apart from the others, and only if a launch names one. */
const NETWORKED: ReadonlySet<string> = new Set(['kubernetes', 'slurm', 'ssh']);

/** Prints a line for each cloud, so that a slow one hides no other. */
const SCRIPT = `
import sys
sys.path[:] = [place for place in sys.path if place]
import json
from sky import clouds, resources
from sky.utils import registry
features = clouds.CloudImplementationFeatures
group, *networked = sys.argv[1:]
for name, cloud in registry.CLOUD_REGISTRY.items():
    if (name in networked) != (group == 'networked'):
        continue
    try:
        without = cloud._unsupported_features_for_resources(resources.Resources(cloud=cloud))
        spot, ports = (feature not in without for feature in (features.SPOT_INSTANCE, features.OPEN_PORTS))
        print('${MARK}' + json.dumps({'name': name, 'spot': spot, 'ports': ports}), flush=True)
    except Exception:
        pass
`;

const lineSchema = z.object({ name: z.string(), spot: z.boolean(), ports: z.boolean() });

type CloudGroup = 'local' | 'networked';

interface KnownTraits {
  readonly traits: Promise<TraitsByProvider>;
  readonly untilMs: number;
}

/**
 * Asks the SkyPilot that the program `sky` belongs to, by its own Python: one call for all clouds, kept for an hour. TraitsByProvider
 * that it does not report are unknown. See decision 162.
 */
export class SkypilotCliJudge implements RequestJudge {
  readonly #options: SkypilotCliOptions;
  readonly #closing = new AbortController();
  readonly #known = new Map<CloudGroup, KnownTraits>();

  constructor(options: SkypilotCliOptions) {
    this.#options = options;
  }

  /** Asks now, so that the first launch need not wait. */
  start(): void {
    void this.#all('local');
  }

  async traits(provider: string): Promise<ProviderTraits> {
    return (await this.#all(NETWORKED.has(provider) ? 'networked' : 'local')).get(provider) ?? {};
  }

  /** `sky launch` checks the rest itself before it submits anything: a command of our own would take seconds more. */
  refusal(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** Why the machines of the launch do not exist, or could not be reached. It never rejects. */
  async refusalOf({ request }: LaunchSpec): Promise<string | undefined> {
    for (const { provider, spot } of launchChoices(request)) {
      const { spot: hasSpot = true, ports = true } = await this.traits(provider);
      if (spot && !hasSpot) return `${provider} has no spot machines`;
      if (!ports) return `it cannot open ports at ${provider}, so the model could not be reached`;
    }
    return undefined;
  }

  /** Idempotent. */
  close(): void {
    this.#closing.abort();
  }

  /** The former answer counts while the program runs again. */
  #all(group: CloudGroup): Promise<TraitsByProvider> {
    const { clock } = this.#options;
    const nowMs = clock.monotonic();
    const known = this.#known.get(group);
    if (known !== undefined && known.untilMs > nowMs) return known.traits;
    const traits = this.#ask(group).then((found) => {
      const keptMs = found.size > 0 ? KNOWN_MS : UNKNOWN_MS;
      this.#known.set(group, { traits, untilMs: clock.monotonic() + keptMs });
      return found;
    });
    const before = known?.traits ?? traits;
    this.#known.set(group, { traits: before, untilMs: nowMs + 2 * ASK_WITHIN_MS });
    return before;
  }

  /** Never rejects: lines that were printed before a failure or a timeout count. */
  async #ask(group: CloudGroup): Promise<TraitsByProvider> {
    const { clock, executable } = this.#options;
    const found = new Map<string, ProviderTraits>();
    const deadline = new Deadline({ clock, ms: ASK_WITHIN_MS, signal: this.#closing.signal });
    try {
      const [python, ...words] = (await pythonOfProgram(executable)) ?? [];
      if (python === undefined || deadline.signal.aborted) return found;
      const program = new SkypilotCliProcess({ ...this.#options, executable: python });
      const asked = { arguments: [...words, '-c', SCRIPT, group, ...NETWORKED], signal: deadline.signal };
      for await (const line of program.follow(asked)) {
        const { name, ...traits } = traitsIn(line) ?? {};
        if (name !== undefined) found.set(name, traits);
      }
    } catch {
      // There is no such interpreter, or it lacks SkyPilot: our own table counts.
    } finally {
      deadline.clear();
    }
    return found;
  }
}

function traitsIn(line: string): z.output<typeof lineSchema> | undefined {
  if (!line.startsWith(MARK) || line.length > LINE_MAX_CHARACTERS) return undefined;
  try {
    return lineSchema.safeParse(JSON.parse(line.slice(MARK.length))).data;
  } catch {
    return undefined;
  }
}
