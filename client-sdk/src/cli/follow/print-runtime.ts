import type { RuntimeLine } from '@launchlog/shared/event';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { neutralise, neutralJson } from '../screen/neutralise.js';
import type { Style } from '../screen/style.js';
import type { CliSession } from '../session/cli-session.js';
import type { ExitCode } from '../session/exit-code.js';
import { EXIT } from '../session/exit-code.js';

interface RuntimePrint {
  readonly client: LaunchlogClient;
  readonly session: CliSession;
  readonly nodeId: string;
  readonly tail: number;
  readonly follow: boolean;
  readonly json: boolean;
  readonly style: Style;
}

/** Prints what the job of a running node prints. */
export async function printRuntime(print: RuntimePrint): Promise<ExitCode> {
  const { client, session, nodeId, tail, follow, json, style } = print;
  const { interrupted } = session.process;
  for await (const event of client.nodes.runtimeLogs(nodeId, { tail, follow, signal: interrupted })) {
    if (event.type === 'line') session.print(json ? neutralJson(event.line) : text(event.line, style));
    else if (event.done.reason === 'unavailable') {
      session.warn(neutralise(event.done.message, false));
      return EXIT.failed;
    }
  }
  return interrupted.aborted ? EXIT.interrupted : EXIT.ok;
}

function text({ level, message }: RuntimeLine, style: Style): string {
  const shown = neutralise(message, false);
  if (level === 'error') return style.red(shown);
  return level === 'warn' ? style.yellow(shown) : shown;
}
