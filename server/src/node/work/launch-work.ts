import { z } from 'zod';

/**
 * The calls of a launch to the orchestrator, and its series of probes. Consecutive calls of one name are one item. Times are
 * milliseconds since 1970.
 */
export interface LaunchWork {
  /** In the order of their beginnings. */
  readonly items: readonly WorkItem[];
  /** The number of calls that were not kept, because there were too many. */
  readonly dropped: number;
}

export type WorkItem = z.infer<typeof itemSchema>;

export const BLANK_WORK: LaunchWork = { items: [], dropped: 0 };

const itemSchema = z.object({
  kind: z.enum(['call', 'probe']),
  /** The name of the call, or the path of the probe. */
  name: z.string(),
  count: z.int(),
  failures: z.int(),
  fromMs: z.number(),
  /** The end of the last one. Absent while it runs, and for good if its server died. */
  toMs: z.number().optional(),
  /** The kind of the last failure. */
  error: z.string().optional(),
  /** The last status and the address without a query, for a probe. */
  status: z.int().optional(),
  url: z.string().optional(),
});
const workSchema = z.object({ items: z.array(itemSchema), dropped: z.int() });

/** JSON that an earlier release or another program wrote may lack it. */
export function workOf(stored: unknown): LaunchWork {
  return workSchema.safeParse(stored).data ?? BLANK_WORK;
}
