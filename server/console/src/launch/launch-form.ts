import type { LaunchRequest } from '@launchlog/sdk';
import { launchRequestSchema } from '@launchlog/shared/launch-request';
import { z } from 'zod';
import { createService } from '../state/service.js';
import type { StoredValue } from '../state/stored-value.js';

/** The contents of the form as typed. An empty field takes the server's default. */
export const launchFormSchema = z.object({
  provider: z.string(),
  region: z.string(),
  gpu: z.string(),
  gpuCount: z.string(),
  model: z.string(),
  useSpot: z.boolean(),
  diskSize: z.string(),
  vllmArgs: z.string(),
  tensorParallel: z.string(),
  gpuMemoryUtilization: z.string(),
  deploymentId: z.string(),
  tenantId: z.string(),
  useRunaiStreamer: z.boolean(),
  streamerConcurrency: z.string(),
  streamerMemoryLimit: z.string(),
  keepOnFailure: z.boolean(),
  simulatorScenario: z.string(),
  // A form that an earlier console stored lacks these.
  image: z.string().default(''),
  vllmVersion: z.string().default(''),
  vllmIndex: z.string().default(''),
  endpointAuth: z.string().default(''),
  labels: z.string().default(''),
  envs: z.string().default(''),
  taskYaml: z.string().default(''),
});
export type LaunchForm = z.infer<typeof launchFormSchema>;
type LaunchFormField = keyof LaunchForm;
export type FlagFieldName = {
  [Name in LaunchFormField]: LaunchForm[Name] extends boolean ? Name : never;
}[LaunchFormField];
export type TextFieldName = Exclude<LaunchFormField, FlagFieldName>;
export type LaunchFormErrors = Partial<Record<LaunchFormField, string>>;

/** The props of every field of the launch form. */
export interface LaunchFieldsProps {
  readonly form: LaunchForm;
  readonly errors: LaunchFormErrors;
  readonly onChange: (patch: Partial<LaunchForm>) => void;
}

/** The form as last submitted in this browser. */
export const [LastLaunchContext, useLastLaunch] = createService<StoredValue<LaunchForm>>('last LaunchForm');

export const FIRST_LAUNCH_FORM: LaunchForm = {
  provider: 'aws',
  region: 'us-west-2',
  gpu: 'A100',
  gpuCount: '1',
  model: 'meta-llama/Llama-2-7b-chat-hf',
  useSpot: true,
  diskSize: '256',
  vllmArgs: '',
  tensorParallel: '',
  gpuMemoryUtilization: '0.95',
  deploymentId: '',
  tenantId: '',
  useRunaiStreamer: false,
  streamerConcurrency: '',
  streamerMemoryLimit: '',
  keepOnFailure: false,
  simulatorScenario: '',
  image: '',
  vllmVersion: '',
  vllmIndex: '',
  endpointAuth: '',
  labels: '',
  envs: '',
  taskYaml: '',
};

const NUMBERS: ReadonlySet<string> = new Set<LaunchFormField>([
  'gpuCount',
  'diskSize',
  'tensorParallel',
  'gpuMemoryUtilization',
  'streamerConcurrency',
  'streamerMemoryLimit',
]);
const STREAMER: ReadonlySet<string> = new Set<LaunchFormField>([
  'streamerConcurrency',
  'streamerMemoryLimit',
]);

/** Typed as one `name=value` a line. */
const PAIRS: ReadonlySet<string> = new Set<LaunchFormField>(['labels', 'envs']);
/** What a task leaves to the form. */
const BESIDE_TASK: ReadonlySet<string> = new Set<LaunchFormField>([
  'taskYaml',
  'deploymentId',
  'tenantId',
  'endpointAuth',
  'labels',
  'envs',
  'keepOnFailure',
  'simulatorScenario',
]);

type LaunchFormResult =
  | { readonly ok: true; readonly request: LaunchRequest }
  | { readonly ok: false; readonly errors: LaunchFormErrors };

/** Validates the form with the server's own schema, so that both always agree. */
export function readLaunchForm(form: LaunchForm): LaunchFormResult {
  const given = (Object.keys(form) as LaunchFormField[])
    .filter((name) => form.useRunaiStreamer || !STREAMER.has(name))
    .filter((name) => form.taskYaml === '' || BESIDE_TASK.has(name))
    .flatMap((name) => {
      const value = formValue(name, form[name]);
      return value === undefined ? [] : [[name, value]];
    });
  const parsed = launchRequestSchema.safeParse(Object.fromEntries(given));
  if (parsed.success) return { ok: true, request: parsed.data };
  return { ok: false, errors: formErrors(parsed.error, form) };
}

/** The value of one field as the server takes it; undefined if nothing was typed. */
export function formValue(
  name: LaunchFormField,
  typed: string | boolean,
): string | number | boolean | Readonly<Record<string, string>> | undefined {
  if (typed === '') return undefined;
  if (PAIRS.has(name)) return pairsOf(String(typed));
  if (NUMBERS.has(name)) return Number(typed);
  return typeof typed === 'string' ? typed.trim() : typed;
}

/** Lines such as `team=search`. What has no `=` becomes a name that the schema refuses or takes as empty. */
function pairsOf(typed: string): Readonly<Record<string, string>> {
  const lines = typed.split('\n').filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...value] = line.split('=');
      return [name.trim(), value.join('=')];
    }),
  );
}

/** The first fault of each field. */
export function formErrors(error: z.ZodError, form: LaunchForm): LaunchFormErrors {
  const errors: LaunchFormErrors = {};
  for (const issue of error.issues) {
    const field = launchFormSchema.keyof().safeParse(issue.path[0]);
    if (field.success) errors[field.data] ??= form[field.data] === '' ? 'is required' : issue.message;
  }
  return errors;
}
