import { z } from 'zod';
import type { OutputStream } from './orchestrator.js';

/** How many lines of each output stream have been logged. */
export type SkypilotCheckpoint = Readonly<Record<OutputStream, number>>;

const count = z.int().min(0).default(0);
const checkpointSchema = z.object({ launch: count, job: count });

export function formatCheckpoint(checkpoint: SkypilotCheckpoint): string {
  return JSON.stringify(checkpoint);
}

/** What cannot be read counts as the beginning: lines may be repeated then, none is lost. */
export function parseCheckpoint(text: string | undefined): SkypilotCheckpoint {
  const parsed = checkpointSchema.safeParse(jsonOf(text));
  return parsed.success ? parsed.data : { launch: 0, job: 0 };
}

function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
