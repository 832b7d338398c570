import { z } from 'zod';
import { ANY, WITHOUT_SPOT } from './launch-choice.js';
import { launchRequestSchema } from './launch-request.js';
import type { LaunchRequest } from './launch-request.js';

const { nodeId: _, secrets: __, ...changeable } = launchRequestSchema.shape;
type Changeable = typeof changeable;
type WithoutDefault<Field> = Field extends z.ZodDefault<infer Inner> ? Inner : Field;
type ChangeFields = {
  [Name in keyof Changeable]: z.ZodOptional<
    z.ZodNullable<Extract<WithoutDefault<Changeable[Name]>, z.core.SomeType>>
  >;
};

/**
 * What a retry asks for in place of the first launch's fields: those of a launch, without their defaults. An absent field
 * stays as it was, and `null` takes it away. See decision 160.
 */
export const launchChangesSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(changeable).map(([name, field]: [string, z.ZodType]) => [name, changeOf(field)]),
  ) as ChangeFields,
);
export type LaunchChanges = z.input<typeof launchChangesSchema>;

/** What was asked for when a node was launched. A launch of it, with the secrets, is the same launch again. */
export const launchedRequestSchema = z.object({
  request: z.object(changeable),
  /** The secrets that it had. Their values are not kept. */
  secretNames: z.array(z.string()),
});
export type LaunchedRequest = z.output<typeof launchedRequestSchema>;

type StoredRequest = Omit<LaunchRequest, 'secrets'>;

/** The request as a caller may send it again: what stands for an open choice is left out, and so is the node's id. */
export function askedRequest(stored: StoredRequest): LaunchedRequest['request'] {
  const { nodeId: _id, region, anyOf: several, gpuCount, ...fields } = stored;
  // A task names its machines itself, and one without a GPU has none.
  const anyOf = stored.taskYaml === undefined ? several : undefined;
  return {
    ...fields,
    gpuCount: Math.max(1, gpuCount),
    ...(region !== undefined && region !== ANY && { region }),
    ...(anyOf !== undefined && {
      anyOf: anyOf.map(({ region: place, ...machine }) => ({
        ...machine,
        ...(place !== undefined && place !== ANY && { region: place }),
      })),
    }),
  };
}

/** The fields that name one machine. Alternatives hold them too, and would outweigh a change of them. */
const MACHINE = ['provider', 'region', 'gpu', 'gpuCount', 'useSpot'] as const;

/** The request with its changes. It has to be parsed again. */
export function changedRequest(
  request: LaunchedRequest['request'],
  changes: LaunchChanges,
): Record<string, unknown> {
  const named = (field: keyof LaunchChanges) => changes[field] !== undefined;
  const kept: Record<string, unknown> = { ...request };
  if (MACHINE.some((field) => named(field))) delete kept['anyOf'];
  if (named('taskYaml')) for (const field of [...MACHINE, 'model', 'anyOf']) delete kept[field];
  const { provider } = changes;
  if (provider !== undefined && provider !== request.provider) {
    // Another provider's regions have other names, and it may have no spot machines.
    delete kept['region'];
    if (provider === null || WITHOUT_SPOT.has(provider)) delete kept['useSpot'];
  }
  const merged = Object.entries({ ...kept, ...changes });
  return Object.fromEntries(merged.filter(([, value]) => value !== undefined && value !== null));
}

function changeOf(field: z.ZodType) {
  const bare = field instanceof z.ZodDefault ? (field.unwrap() as z.ZodType) : field;
  return bare.nullable().optional();
}
