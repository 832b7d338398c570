import type { LaunchlogClient } from '../../launchlog-client.js';
import { logLine } from '../screen/log-line.js';
import type { LineFormat } from '../screen/log-line.js';
import { neutralise } from '../screen/neutralise.js';
import type { CliSession } from '../session/cli-session.js';
import type { ExitCode } from '../session/exit-code.js';
import { EXIT } from '../session/exit-code.js';

interface RuntimePrint {
  readonly client: LaunchlogClient;
  readonly session: CliSession;
  readonly nodeId: string;
  readonly tail: number;
  readonly follow: boolean;
  readonly format: LineFormat;
}

/** Prints what the job of a running node prints. */
export async function printRuntime(print: RuntimePrint): Promise<ExitCode> {
  const { client, session, nodeId, tail, follow, format } = print;
  const { interrupted } = session.process;
  for await (const event of client.nodes.runtimeLogs(nodeId, { tail, follow, signal: interrupted })) {
    if (event.type === 'line') {
      const line = logLine(event.line, format);
      if (line !== undefined) session.print(line);
    } else if (event.done.reason === 'unavailable') {
      session.warn(neutralise(event.done.message, false));
      return EXIT.failed;
    }
  }
  return interrupted.aborted ? EXIT.interrupted : EXIT.ok;
}
