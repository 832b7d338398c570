import { z } from 'zod';

/** What identifies a launch at SkyPilot, as it stands in the row of the node. */
export interface SkypilotHandle {
  /** Of the launch; undefined when the server had lost it but the cluster stood. */
  readonly requestId?: string | undefined;
  /** The launch has succeeded and this job serves the model; null is the cluster's latest. */
  readonly jobId?: number | null | undefined;
}

const handleSchema = z
  .object({ requestId: z.string().min(1).optional(), jobId: z.int().nullable().optional() })
  .refine((handle) => handle.requestId !== undefined || handle.jobId !== undefined);

export function formatHandle(handle: SkypilotHandle): string {
  return JSON.stringify(handle);
}

/** Undefined for none and for one that is not ours: then the launch is looked up by its cluster. */
export function parseHandle(text: string | undefined): SkypilotHandle | undefined {
  try {
    return text === undefined ? undefined : handleSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
