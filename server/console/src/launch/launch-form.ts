import { z } from 'zod';
import { alternativeDraftSchema } from './alternative-draft.js';
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
  readyPath: z.string().default(''),
  readyPort: z.string().default(''),
  readyText: z.string().default(''),
  anyOf: z.array(alternativeDraftSchema).default([]),
  maxHourlyCost: z.string().default(''),
  onLoss: z.string().default(''),
  relaunchesPerHour: z.string().default(''),
  relaunchUnreachableAfter: z.string().default(''),
  terminateAfter: z.string().default(''),
  terminateWhenIdle: z.string().default(''),
});
export type LaunchForm = z.infer<typeof launchFormSchema>;
export type LaunchFormField = keyof LaunchForm;
export type FlagFieldName = {
  [Name in LaunchFormField]: LaunchForm[Name] extends boolean ? Name : never;
}[LaunchFormField];
export type TextFieldName = {
  [Name in LaunchFormField]: LaunchForm[Name] extends string ? Name : never;
}[LaunchFormField];
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
  readyPath: '',
  readyPort: '',
  readyText: '',
  anyOf: [],
  maxHourlyCost: '',
  onLoss: '',
  relaunchesPerHour: '',
  relaunchUnreachableAfter: '',
  terminateAfter: '',
  terminateWhenIdle: '',
};
