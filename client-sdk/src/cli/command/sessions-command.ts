import { Command } from 'commander';
import type { Session } from '@launchlog/shared/session';
import { addOutput } from '../output/output-flag.js';
import type { OutputFlags } from '../output/output-flag.js';
import { printItems } from '../output/print-items.js';
import { Results } from '../output/results.js';
import { localTime } from '../screen/local-time.js';
import { neutralise } from '../screen/neutralise.js';
import { itemTable } from '../screen/text-table.js';
import type { ItemColumn } from '../screen/text-table.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { actOnEach } from './act-on-each.js';
import { EXIT, UsageError } from '../session/exit-code.js';

interface SessionFlags extends ClientFlags, OutputFlags {
  readonly of?: string;
}

const EXAMPLES = `
Examples:
  launchlog sessions list
  launchlog sessions end 3f2b8c1e
  launchlog sessions end --of ada@example.com
`;
const SHORT_ID_CHARACTERS = 8;
const COLUMNS: readonly ItemColumn<Session>[] = [
  { title: 'ID', text: ({ id }) => id.slice(0, SHORT_ID_CHARACTERS), rank: 0 },
  { title: 'WHO', text: ({ name }) => name, rank: 1 },
  { title: 'BY', text: ({ way }) => way, rank: 3 },
  { title: 'FROM', text: ({ address = '' }) => address, rank: 2 },
  { title: 'SEEN', text: ({ seenAt }) => (seenAt === undefined ? '' : localTime(seenAt)), rank: 5 },
  { title: 'ENDS', text: ({ endsAt }) => localTime(endsAt), rank: 6 },
  { title: '', text: ({ current }) => (current ? 'this one' : ''), rank: 4 },
  { title: 'CLIENT', text: ({ client = '' }) => client, rank: 7 },
];

/** Shows who is signed in, and signs them out. Without an admin token, only one's own sessions. */
export function sessionsCommand(session: CliSession): Command {
  return new Command('sessions')
    .description('list who is signed in, and end sessions')
    .addHelpText('after', EXAMPLES)
    .addCommand(listSubcommand(session))
    .addCommand(endSubcommand(session));
}

function listSubcommand(session: CliSession): Command {
  const command = addOutput(new Command('list'))
    .description('list sessions, newest first')
    .option('--of <name>', 'only those of this person or token')
    .option('-q, --quiet', 'print only ids');
  return command.action(async () => {
    const flags = command.optsWithGlobals<SessionFlags>();
    const listed = await (await session.client(flags)).sessions.list({ name: flags.of });
    printItems(session, flags, {
      items: listed,
      list: 'sessions',
      nameOf: ({ id }) => id,
      table: (items, options) => itemTable(items, COLUMNS, options),
      none: 'Nobody is signed in.',
    });
    session.exitCode = EXIT.ok;
  });
}

function endSubcommand(session: CliSession): Command {
  const command = new Command('end')
    .description('sign out, on all servers at once')
    .argument('[sessions...]', 'ids of sessions, or their beginnings')
    .option('--of <name>', 'all sessions of this person or token')
    .option('-q, --quiet', 'print only ids');
  addOutput(command);
  return command.action(async (ids: string[]) => {
    const flags = command.optsWithGlobals<SessionFlags>();
    if (ids.length === 0 && flags.of === undefined)
      throw new UsageError('name a session, or a person with --of');
    const client = await session.client(flags);
    const listed = await client.sessions.list({ name: flags.of });
    const chosen = ids.length === 0 ? listed : ids.map((id) => sessionOf(listed, id));
    const results = new Results<Session>(session, flags, {
      isOne: ids.length === 1,
      list: 'sessions',
      nameOf: ({ id }) => id,
    });
    const act = async ({ id }: Session) => {
      const ended = await client.sessions.end(id);
      results.add(ended, neutralise(`${id}: signed out ${ended.name}`, false));
    };
    const nameOf = ({ id }: Session) => id;
    session.exitCode = await actOnEach(session, [...new Set(chosen)], { noun: 'sessions', nameOf, act });
    results.end();
    if (chosen.length === 0) session.warn('nobody is signed in');
  });
}

function sessionOf(listed: readonly Session[], beginning: string): Session {
  const found = listed.filter(({ id }) => id.startsWith(beginning.toLowerCase()));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const shown = neutralise(beginning, false);
  throw new UsageError(
    only === undefined
      ? `there is no session '${shown}'; 'launchlog sessions list' shows them`
      : `'${shown}' is the beginning of several ids: type more of it`,
  );
}
