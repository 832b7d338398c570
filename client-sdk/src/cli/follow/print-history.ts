import type { LogFilter } from '@launchlog/shared/log-query';
import type { Node } from '@launchlog/shared/node';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { logLine } from '../screen/log-line.js';
import type { LineFormat } from '../screen/log-line.js';
import { PlainScreen } from '../screen/plain-screen.js';
import type { CliProcess } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { mergeByTime } from './merge-by-time.js';
import { readHistory } from './read-history.js';

/** Entries that are held at once, of all nodes together; about 100 MB. */
const ENTRIES_HELD = 200_000;
/** Entries of one node: the size of a page. */
const HOLD_MIN = 20;
const HOLD_MAX = 10_000;

interface PrintHistoryRequest {
  readonly client: LaunchlogClient;
  readonly process: CliProcess;
  readonly nodes: readonly Node[];
  readonly filter: Partial<LogFilter>;
  readonly tail: number | 'all';
  readonly format: LineFormat;
}

/** Prints the logs of the nodes as they are, merged by time; each keeps its own order. */
export async function printHistory(request: PrintHistoryRequest): Promise<ExitCode> {
  const { client, process, nodes, filter, tail, format } = request;
  if (tail === 0) return EXIT.ok;
  const { interrupted } = process;
  const isFiltered =
    Object.values(filter).some((value) => value !== undefined) || (format.exclude ?? []).length > 0;
  const screen = new PlainScreen(process.stdout, process.stderr);
  const hold = Math.max(HOLD_MIN, Math.min(HOLD_MAX, Math.floor(ENTRIES_HELD / nodes.length)));
  const logs = nodes.map((node) =>
    readHistory({
      client,
      nodeId: node.id,
      filter,
      tail,
      hold,
      interrupted,
      onGap: ({ from_seq: from, to_seq: to, reason }) =>
        screen.remark(
          `launchlog: ${node.clusterName}: entries ${from} to ${to} are no longer held (${reason})`,
        ),
    }),
  );
  let printed = 0;
  for await (const { index, item } of mergeByTime(logs)) {
    if (interrupted.aborted) return EXIT.interrupted;
    const node = nodes[index];
    const origin =
      nodes.length > 1 && node !== undefined
        ? { nodeId: node.id, label: node.clusterName, index }
        : undefined;
    const line = logLine(item, format, origin);
    if (line === undefined) continue;
    printed += 1;
    await screen.line(line);
  }
  // A person would wonder; a program reads nothing as nothing.
  if (printed === 0 && process.stdout.isTTY)
    screen.remark(
      `launchlog: no lines: ${isFiltered ? 'none matches, so widen the filters' : 'the log is empty, or no longer held'}`,
    );
  return EXIT.ok;
}
