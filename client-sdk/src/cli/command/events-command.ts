import { Command } from 'commander';
import type { NodeEvent } from '@launchlog/shared/node-event';
import { addOutput } from '../output/output-flag.js';
import type { OutputFlags } from '../output/output-flag.js';
import { printItems } from '../output/print-items.js';
import { printOne } from '../output/print-one.js';
import { neutralise } from '../screen/neutralise.js';
import { streamedText } from '../screen/rest-document.js';
import { Style } from '../screen/style.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { resolveNode } from './resolve-node.js';

interface EventsFlags extends ClientFlags, OutputFlags {
  readonly follow?: boolean;
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
    .option('-q, --quiet', 'print only the kinds');
  addOutput(command).addHelpText('after', EXAMPLES);
  return command.action(async (name: string) => {
    session.exitCode = await runEvents(session, name, command.optsWithGlobals<EventsFlags>());
  });
}

async function runEvents(session: CliSession, name: string, flags: EventsFlags): Promise<ExitCode> {
  const { stdout, environment, interrupted } = session.process;
  const style = Style.for(stdout, environment, flags.color);
  const client = await session.client(flags);
  const node = await resolveNode(client, name);
  if (flags.follow !== true) {
    const events: NodeEvent[] = [];
    let cursor: string | undefined;
    for await (const page of client.nodes.events(node.id).pages()) {
      events.push(...page.events);
      cursor = page.nextCursor ?? cursor;
    }
    printItems(session, flags, {
      items: events,
      list: 'events',
      nameOf: ({ kind }) => kind,
      table: (items) => items.map((event) => eventLine(event, style)).join('\n'),
      none: 'Nothing has happened yet.',
      rest: (event) => event,
      beside: { node_id: node.id, ...(cursor !== undefined && { next_cursor: cursor }) },
    });
    return EXIT.ok;
  }
  const { output, json, quiet } = flags;
  const show = (event: NodeEvent) => {
    if (json !== true && quiet !== true && (output === 'json' || output === 'yaml'))
      session.print(streamedText(event, output));
    else printOne(session, flags, { item: event, text: () => eventLine(event, style), name: event.kind });
  };
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
