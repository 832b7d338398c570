import { Document, Scalar } from 'yaml';
import type { LaunchChoice } from '@launchlog/shared/launch-choice';
import { firstChoice, launchChoices } from '@launchlog/shared/launch-choice';
import type { LaunchRequest } from '@launchlog/shared/launch-request';
import type { LaunchSpec } from '../orchestrator.js';
import { MODEL_SERVER_PORT, ownTask } from '../own-task/own-task.js';
import { EscapedText, escapedTextTag } from '../task/escaped-text.js';
import { setupScript, VLLM_HOME } from '../task/setup-script.js';
import { weightFetch } from '../task/weight-fetch.js';
import { quoteShellWord } from './shell-words.js';
import { vllmCommand } from './vllm-command.js';

export const INSTALLATION_LABEL = 'launchlog-installation';

export interface SkypilotTaskOptions {
  /** When the requested region has no capacity, try the provider's other regions. */
  readonly otherRegions: boolean;
  /** `withheld`: the task has only the names of the secrets, and the submission adds the values. */
  readonly secrets: 'included' | 'withheld';
}

/**
 * Returns the task as YAML for SkyPilot. Nothing in the request can break out of a YAML string or a shell word: every
 * string is quoted, and each argument of the model server is one quoted word.
 */
export function skypilotTask(asked: LaunchSpec, options: SkypilotTaskOptions): string {
  const spec = labelled(asked);
  if (spec.request.taskYaml !== undefined)
    return ownTask({ ...spec, secrets: Object.fromEntries(secretValues(spec.secrets, options)) });
  const envs = Object.keys(spec.request.envs ?? {});
  const document = new Document(
    {
      name: spec.clusterName,
      resources: resourcesOf(spec.request, options),
      ...(envs.length > 0 && { envs: escapedMap(spec.request.envs ?? {}) }),
      ...(Object.keys(spec.secrets).length > 0 && { secrets: secretsOf(spec.secrets, options) }),
      setup: block(setupScript(spec.request)),
      run: block(runScript(spec.request, new Set([...envs, ...Object.keys(spec.secrets)]))),
    },
    { customTags: (tags) => [escapedTextTag, ...tags] },
  );
  return document.toString({ lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' });
}

/** A label of the request with this name would claim the machine for another installation. */
function labelled(spec: LaunchSpec): LaunchSpec {
  const { request, installation } = spec;
  if (installation === undefined) return spec;
  return {
    ...spec,
    request: { ...request, labels: { ...request.labels, [INSTALLATION_LABEL]: installation } },
  };
}

/** The script that SkyPilot passes to bash as `run`. `environment` has the names of the task's variables. */
export function runScript(request: LaunchRequest, environment: ReadonlySet<string> = new Set()): string {
  const command = vllmCommand(request, MODEL_SERVER_PORT).map(quoteShellWord).join(' ');
  const fetch = weightFetch(request, environment) ?? '';
  return `set -eu\nexport PATH="${VLLM_HOME}/bin:$PATH"\n${fetch}exec ${command}\n`;
}

function resourcesOf(request: LaunchRequest, options: SkypilotTaskOptions): object {
  const choices = launchChoices(request);
  const common = {
    ...(request.image !== undefined && { image_id: `docker:${request.image}` }),
    disk_size: request.diskSize,
    ports: MODEL_SERVER_PORT,
    ...(request.maxHourlyCost !== undefined && { max_hourly_cost: request.maxHourlyCost }),
    ...(request.labels !== undefined && { labels: escapedMap(request.labels) }),
  };
  if (request.anyOf !== undefined) return { any_of: choices.map(machine), ...common };
  const choice = firstChoice(request);
  const { infra, ...wanted } = machine(choice);
  if (!options.otherRegions || choice.region === undefined) return { infra, ...wanted, ...common };
  return { ...wanted, ...common, ordered: [{ infra }, { infra: choice.provider }] };
}

function machine({ provider, region, gpu, count, spot }: LaunchChoice) {
  return {
    infra: region === undefined ? provider : `${provider}/${region}`,
    accelerators: `${gpu}:${count}`,
    use_spot: spot,
  };
}

function block(text: string): Scalar<string> {
  const scalar = new Scalar(text);
  scalar.type = Scalar.BLOCK_LITERAL;
  return scalar;
}

function escapedMap(named: Readonly<Record<string, string>>): Map<EscapedText, EscapedText> {
  return new Map(
    Object.entries(named).map(([name, value]) => [new EscapedText(name), new EscapedText(value)]),
  );
}

function secretsOf(secrets: LaunchSpec['secrets'], options: SkypilotTaskOptions): Map<EscapedText, unknown> {
  return new Map(
    secretValues(secrets, options).map(([name, value]) => [
      new EscapedText(name),
      value === null ? null : new EscapedText(value),
    ]),
  );
}

function secretValues(
  secrets: LaunchSpec['secrets'],
  options: SkypilotTaskOptions,
): readonly (readonly [name: string, value: string | null])[] {
  return Object.entries(secrets).map(([name, value]) => {
    if (value.includes('\0') || /\p{Surrogate}/u.test(value)) {
      throw new TypeError(`the secret ${name} has characters that an environment variable cannot hold`);
    }
    return [name, options.secrets === 'included' ? value : null];
  });
}
