import type { SkypilotOptimization } from '../skypilot/control.js';
import type { SkypilotOutcome } from '../skypilot/request-record.js';

/** A table has some kilobytes. */
const OUTPUT_MAX_BYTES = 1024 * 1024;

export function optimizationOf(outcome: SkypilotOutcome, output: string): SkypilotOptimization {
  switch (outcome.kind) {
    case 'succeeded':
      return { output, failure: undefined };
    case 'failed':
      return { output, failure: outcome.error };
    case 'cancelled':
      return {
        output,
        failure: { type: 'RequestCancelled', message: 'the question was cancelled at SkyPilot' },
      };
  }
}

/** The text of a stream whose request has ended, up to the bound. */
export async function streamedText(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    text += decoder.decode(chunk, { stream: true });
    if (size > OUTPUT_MAX_BYTES) break;
  }
  return text;
}
