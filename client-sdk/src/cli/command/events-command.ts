import { Command } from 'commander';
import type { NodeEvent } from '@launchlog/shared/node-event';
import { neutralise, neutralJson } from '../screen/neutralise.js';
import { Style } from '../screen/style.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { resolveNode } from './resolve-node.js';

interface EventsFlags extends ClientFlags {
  readonly follow?: boolean;
  readonly json?: boolean;
  readonly color: boolean;
}

const KIND_WIDTH = 12;
const EXAMPLES = `
Examples:
  launchlog events 550e8400
  launchlog events -f 550e8400
  launchlog events 550e8400 --json | jq -r 'select(.kind == "health") | .message'
`;

export function eventsCommand(session: CliSession): Command {
  const command = new Command('events')
    .description('show what happened to a node: launch, attempts, health, loss, termination, relaunch')
    .argument('<node>', 'id, beginning of an id, or cluster name')
    .option('-f, --follow', 'wait for what happens next, until Ctrl-C')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', EXAMPLES);
  return command.action(async (name: string) => {
    session.exitCode = await runEvents(session, name, command.optsWithGlobals<EventsFlags>());
  });
}

async function runEvents(session: CliSession, name: string, flags: EventsFlags): Promise<ExitCode> {
  const { stdout, environment, interrupted } = session.process;
  const style = Style.for(stdout, environment, flags.color);
  const client = await session.client(flags);
  const node = await resolveNode(client, name);
  const show = (event: NodeEvent) =>
    session.print(flags.json === true ? neutralJson(event) : eventLine(event, style));
  if (flags.follow !== true) {
    for await (const event of client.nodes.events(node.id)) show(event);
    return EXIT.ok;
  }
  for await (const item of client.nodes.eventsStream(node.id, { signal: interrupted })) {
    if (item.type === 'event') show(item.event);
    else if (item.type === 'notice') session.warn(neutralise(item.notice.message, false));
    else session.warn('the events start over: the registry was restored');
  }
  return EXIT.interrupted;
}

function eventLine({ timestamp, kind, message }: NodeEvent, style: Style): string {
  const painted = isBad(kind, message)
    ? style.red(kind.padEnd(KIND_WIDTH))
    : style.cyan(kind.padEnd(KIND_WIDTH));
  return `${style.dim(timestamp)}  ${painted} ${neutralise(message, false)}`;
}

function isBad(kind: string, message: string): boolean {
  return kind === 'lost' || kind === 'failed' || (kind === 'health' && !message.startsWith('Healthy'));
}
