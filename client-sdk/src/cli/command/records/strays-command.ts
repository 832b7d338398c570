import { Command } from 'commander';
import type { Stray } from '@launchlog/shared/cost/stray';
import { addOutput } from '../../output/output-flag.js';
import type { OutputFlags } from '../../output/output-flag.js';
import { printItems } from '../../output/print-items.js';
import { Results } from '../../output/results.js';
import { localTime } from '../../screen/local-time.js';
import { neutralise } from '../../screen/neutralise.js';
import { itemTable } from '../../screen/text-table.js';
import type { ItemColumn } from '../../screen/text-table.js';
import type { CliSession, ClientFlags } from '../../session/cli-session.js';
import { EXIT } from '../../session/exit-code.js';
import { actOnEach } from '../act-on-each.js';

type StrayFlags = ClientFlags & OutputFlags;

const COLUMNS: readonly ItemColumn<Stray>[] = [
  { title: 'CLUSTER', text: ({ name }) => name, rank: 0 },
  {
    title: 'KIND',
    text: ({ kind }) => kind,
    paint: ({ kind }, text, style) => (kind === 'foreign' ? text : style.yellow(text)),
    rank: 1,
  },
  { title: 'STATE', text: ({ state = '' }) => state, rank: 2 },
  { title: 'PLACE', text: ({ place = '' }) => place, rank: 6 },
  {
    title: 'LAUNCHED',
    text: ({ launchedAt }) => (launchedAt === undefined ? '' : localTime(launchedAt)),
    rank: 7,
  },
  { title: 'FOUND', text: ({ foundAt }) => localTime(foundAt), rank: 3 },
  { title: 'WHY', text: ({ reason = '' }) => reason, rank: 8 },
  { title: 'NODE', text: ({ nodeId = '' }) => nodeId, rank: 5 },
  {
    title: 'REMOVAL',
    text: ({ terminatedBy, problem }) =>
      problem ?? (terminatedBy === undefined ? '' : `removed by ${terminatedBy}`),
    rank: 4,
  },
];
const EXAMPLES = `
Examples:
  launchlog strays
  launchlog strays terminate cic-aws-uswest2-a100-spot-550e84

ours: launched by this installation, and no node accounts for it. It can be terminated.
foreign: has the label of another installation, or none. Launchlog never touches it.
gone: the cluster of an active node, which SkyPilot does not have.
`;

/** Needs an admin token. */
export function straysCommand(session: CliSession): Command {
  return new Command('strays')
    .description('list clusters that no node accounts for, and remove them')
    .addHelpText('after', EXAMPLES)
    .addCommand(listSubcommand(session), { isDefault: true })
    .addCommand(terminateSubcommand(session));
}

function listSubcommand(session: CliSession): Command {
  const command = addOutput(new Command('list'))
    .description('list strays, the longest known first')
    .option('-q, --quiet', 'print only names');
  return command.action(async () => {
    const flags = command.optsWithGlobals<StrayFlags>();
    const strays = await (await session.client(flags)).strays.list();
    printItems(session, flags, {
      items: strays,
      list: 'strays',
      nameOf: ({ name }) => name,
      table: (items, options) => itemTable(items, COLUMNS, options),
      none: 'There are no strays.',
    });
    session.exitCode = EXIT.ok;
  });
}

function terminateSubcommand(session: CliSession): Command {
  const command = new Command('terminate')
    .description('remove stray clusters of this installation, and their machines')
    .argument('<clusters...>', 'their names')
    .option('-q, --quiet', 'print only names');
  addOutput(command);
  return command.action(async (names: string[]) => {
    const flags = command.optsWithGlobals<StrayFlags>();
    const client = await session.client(flags);
    const results = new Results<Stray>(session, flags, {
      isOne: names.length === 1,
      list: 'strays',
      nameOf: ({ name }) => name,
    });
    session.exitCode = await actOnEach(session, [...new Set(names)], {
      noun: 'strays',
      nameOf: (name) => name,
      act: async (name) =>
        results.add(await client.strays.terminate(name), neutralise(`${name}: is being removed`, false)),
    });
    results.end();
  });
}
