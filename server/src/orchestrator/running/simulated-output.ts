import type { Clock } from '../../clock.js';
import type { LaunchSpec } from '../orchestrator.js';
import { parseSimulatedHandle } from '../simulated/handle.js';
import { simulatedScript } from '../simulated/script.js';
import type { OutputPart } from './running-output.js';

const PRINT_MS = 10_000;
const TASK = '(task, pid=3117) ';

/** The output of a simulated vLLM, and then an access log of its own health checks. */
export async function* simulatedOutput(
  clock: Clock,
  { spec, part }: { readonly spec: LaunchSpec; readonly part: OutputPart },
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  if (spec.handle === undefined) return;
  const handle = parseSimulatedHandle(spec.handle);
  const printed = simulatedScript({ spec, ...handle }).flatMap((step) =>
    step.kind === 'line' && step.stream === 'job' ? [step.text] : [],
  );
  yield* printed.slice(-part.tail);
  while (part.follow && !signal.aborted) {
    await clock.sleep(PRINT_MS / handle.speed, signal).catch(() => undefined);
    if (!signal.aborted) yield `${TASK}INFO:     127.0.0.1:41592 - "GET /health HTTP/1.1" 200 OK`;
  }
}
