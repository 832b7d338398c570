import { z } from 'zod';
import { simulatorScenarioSchema } from '@launchlog/shared/launch-request';

/** What a simulated launch needs to continue after a restart. Everything else follows from the cluster's name. */
const handleSchema = z.object({
  /** Milliseconds since 1970 at which the launch was submitted. */
  startedAt: z.int(),
  scenario: simulatorScenarioSchema,
  /** How many times faster simulated time passed at the start: a changed setting must not move the past. */
  speed: z.number().positive(),
  seed: z.string(),
  /** SHA-256 of the key that callers of the model server must send; absent if they need none. */
  keyHash: z.string().optional(),
  /** The port of the model server; absent until it is probed. */
  port: z.int().min(1).max(65_535).optional(),
  /** Milliseconds since 1970 at which the fate of the scenario sets in; absent until the node serves. */
  fateAt: z.int().optional(),
});
export type SimulatedHandle = z.infer<typeof handleSchema>;

export function formatSimulatedHandle(handle: SimulatedHandle): string {
  return JSON.stringify(handle);
}

/** Throws for a handle of another orchestrator. */
export function parseSimulatedHandle(text: string): SimulatedHandle {
  try {
    return handleSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error('the node was not launched by the simulator', { cause });
  }
}

/** Undefined for a node of another orchestrator, or one that was not submitted. */
export function findSimulatedHandle(text: string | undefined): SimulatedHandle | undefined {
  try {
    return text === undefined ? undefined : parseSimulatedHandle(text);
  } catch {
    return undefined;
  }
}
