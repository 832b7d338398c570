import { z } from 'zod';

/** Identifies a launch at SkyPilot; stored with the node. */
export interface SkypilotHandle {
  /** The id of the launch request; undefined if the server had forgotten it but had the cluster. */
  readonly requestId?: string | undefined;
  /** The job that serves the model; null is the cluster's latest. Undefined until the launch request has succeeded. */
  readonly jobId?: number | null | undefined;
}

const handleSchema = z
  .object({ requestId: z.string().min(1).optional(), jobId: z.int().nullable().optional() })
  .refine((handle) => handle.requestId !== undefined || handle.jobId !== undefined);

export function formatHandle(handle: SkypilotHandle): string {
  return JSON.stringify(handle);
}

/** Returns undefined without a handle and for one of another orchestrator: the launch is then looked up by its cluster. */
export function parseHandle(text: string | undefined): SkypilotHandle | undefined {
  try {
    return text === undefined ? undefined : handleSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
