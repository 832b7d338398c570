import { z } from 'zod';

/**
 * What was asked for a launch: each call to the orchestrator and each series of probes. Calls of one name that follow one
 * another are one item. Times are milliseconds since 1970.
 */
export interface LaunchWork {
  /** In the order of their beginnings. */
  readonly items: readonly WorkItem[];
  /** Calls that found no room. */
  readonly dropped: number;
}

export type WorkItem = z.infer<typeof itemSchema>;

export const BLANK_WORK: LaunchWork = { items: [], dropped: 0 };

const itemSchema = z.object({
  kind: z.enum(['call', 'probe']),
  /** Of a call: what was asked. Of a probe: the path. */
  name: z.string(),
  count: z.int(),
  failures: z.int(),
  fromMs: z.number(),
  /** The end of the last one. Absent while that is under way; it stays absent if its server died. */
  toMs: z.number().optional(),
  /** The kind of the last failure. */
  error: z.string().optional(),
  /** Of a probe: the last status, and the address without a query. */
  status: z.int().optional(),
  url: z.string().optional(),
});
const workSchema = z.object({ items: z.array(itemSchema), dropped: z.int() });

/** JSON that an earlier release or another program wrote may lack it. */
export function workOf(stored: unknown): LaunchWork {
  return workSchema.safeParse(stored).data ?? BLANK_WORK;
}
