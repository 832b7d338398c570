import { z } from 'zod';
import type { OutputStream } from '../orchestrator.js';

const count = z.int().min(0).default(0);
const countsSchema = z.object({ launch: count, job: count });

/** Counts the logged lines of each output stream, as text that is stored with the log. */
export class SkypilotCheckpoint {
  readonly #counts: Record<OutputStream, number>;

  /** An unreadable text counts as the beginning: lines may be repeated, but none is lost. */
  constructor(text: string | undefined) {
    const parsed = countsSchema.safeParse(jsonOf(text));
    this.#counts = parsed.success ? parsed.data : { launch: 0, job: 0 };
  }

  linesOf(stream: OutputStream): number {
    return this.#counts[stream];
  }

  /** Returns the checkpoint of the line with this number, from 1. */
  advance(stream: OutputStream, lines: number): string {
    this.#counts[stream] = lines;
    return JSON.stringify(this.#counts);
  }
}

function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
