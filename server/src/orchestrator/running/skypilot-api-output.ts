import { LineSplitter } from '../output/line-splitter.js';
import { decodePayloadLine } from '../output/skypilot-payload.js';
import type { SkypilotApiClient } from '../skypilot/api-client.js';
import { parseHandle } from '../skypilot/handle.js';
import type { LaunchSpec } from '../orchestrator.js';
import type { OutputPart } from './running-output.js';

/** The lines of a running job, as the API server reads them from the machine. A cut ends them like a proper end. */
export async function* skypilotApiOutput(
  client: Pick<SkypilotApiClient, 'jobTail'>,
  { spec, part }: { readonly spec: LaunchSpec; readonly part: OutputPart },
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  const jobId = parseHandle(spec.handle)?.jobId ?? null;
  const { bytes } = await client.jobTail({ clusterName: spec.clusterName, jobId }, part, signal);
  const splitter = new LineSplitter();
  for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
    for (const line of splitter.push(chunk)) yield* textOf(line);
  }
  for (const line of splitter.end()) yield* textOf(line);
}

function* textOf(line: string): Generator<string, void> {
  const { text } = decodePayloadLine(line);
  if (text !== undefined) yield text;
}
