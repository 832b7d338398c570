import { z } from 'zod';

export const STRAY_KINDS = ['ours', 'foreign', 'gone'] as const;

/**
 * A cluster on SkyPilot that is named like those of Launchlog and that no node accounts for, or the cluster of an active
 * node that SkyPilot does not have.
 */
export const straySchema = z.object({
  /** The name of the cluster. */
  name: z.string(),
  /** `ours` carries the label of this installation; `foreign` carries another one or none; `gone` is missing on SkyPilot. */
  kind: z.enum(STRAY_KINDS),
  /** SkyPilot's own word for the state of the cluster. */
  state: z.string().optional(),
  /** Why it counts as a stray, in a few words for people: `No node had this cluster`. */
  reason: z.string().optional(),
  /** Cloud and region, for people: `AWS us-west-2`. */
  place: z.string().optional(),
  /** When the cluster was launched, as far as it is known. */
  launchedAt: z.iso.datetime().optional(),
  /** The node that had this cluster, if it is still known. */
  nodeId: z.uuid().optional(),
  /** The first and the latest look that saw it. */
  foundAt: z.iso.datetime(),
  seenAt: z.iso.datetime(),
  /** The person or token that asked for its termination, and when; it is being removed. */
  terminatedBy: z.string().optional(),
  terminatingSince: z.iso.datetime().optional(),
  /** Why it could not be removed the last time; the server tries again. */
  problem: z.string().optional(),
});
export type Stray = z.infer<typeof straySchema>;
