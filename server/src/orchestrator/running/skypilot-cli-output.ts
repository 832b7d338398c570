import type { LaunchSpec } from '../orchestrator.js';
import type { SkypilotCliProcess } from '../skypilot/cli-process.js';
import type { OutputPart } from './running-output.js';

/** The lines of a running job, as `sky logs` prints them. Rejects when it fails before it has printed anything. */
export async function* skypilotCliOutput(
  sky: Pick<SkypilotCliProcess, 'follow'>,
  { spec, part }: { readonly spec: LaunchSpec; readonly part: OutputPart },
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  const follow = part.follow ? [] : ['--no-follow'];
  const run = sky.follow({
    arguments: ['logs', spec.clusterName, '--tail', String(part.tail), ...follow],
    signal,
  });
  let printed = false;
  try {
    for (;;) {
      const { value, done } = await run.next();
      if (done !== true) {
        printed = true;
        yield value;
        continue;
      }
      if (value.rest !== undefined) yield value.rest;
      if (!printed && value.exitCode !== 0)
        throw new Error(value.errorLines.at(-1) ?? `sky logs ended with ${value.exitCode ?? 'a signal'}`);
      return;
    }
  } finally {
    await run.return({ exitCode: undefined, signalName: undefined, rest: undefined, errorLines: [] });
  }
}
