import { z } from 'zod';
import { failureReasonSchema } from '../node.js';

/** How earlier launches of this GPU, spot or not, went at the place of an offer. */
const placeRecordSchema = z.object({
  /** Where they were: in the region of the offer or, if those were fewer than five, anywhere at its provider. */
  scope: z.enum(['region', 'provider']),
  /** How many ended there, active or failed. Cancelled ones do not count. */
  launches: z.int(),
  /** The share that became active, from 0 to 1. Absent without launches, as all that follows is. */
  rate: z.number().optional(),
  /** Seconds from the start of a launch to an active node, the time in the queue apart. */
  median: z.number().optional(),
  p95: z.number().optional(),
  /** The most frequent failure. */
  failure: failureReasonSchema.optional(),
});
export type PlaceRecord = z.infer<typeof placeRecordSchema>;

/** A machine that a launch could get now. The names are the same on every transport. */
export const launchOfferSchema = z.object({
  /** SkyPilot's display name, for example `AWS`. */
  cloud: z.string(),
  region: z.string().optional(),
  zone: z.string().optional(),
  instance: z.string().optional(),
  /** For example `A100:8`. */
  gpus: z.string().optional(),
  spot: z.boolean(),
  /** US dollars per hour; absent if SkyPilot does not know it. */
  price: z.number().optional(),
  /** Whether the launch would try this one first. */
  chosen: z.boolean(),
  /** US dollars until the node is active, by the median time. */
  start: z.number().optional(),
  record: placeRecordSchema,
});
export type LaunchOffer = z.infer<typeof launchOfferSchema>;

/** What a launch would get, and cost, if it began now. Nothing is reserved. */
export const launchEstimateSchema = z.object({
  /** The one that would be tried first comes first; then by price. */
  offers: z.array(launchOfferSchema),
  /** Why there are no offers, for people. */
  problem: z.string().optional(),
  /** US dollars per hour of the offer that would be tried first. */
  hourlyCost: z.number().optional(),
  /** US dollars until the node is active, by the median of earlier launches at that place. */
  costUntilActive: z.number().optional(),
  /** Seconds, by the same median. */
  secondsUntilActive: z.number().optional(),
});
export type LaunchEstimate = z.infer<typeof launchEstimateSchema>;
