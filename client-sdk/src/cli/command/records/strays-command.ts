import { Command } from 'commander';
import type { Stray } from '@launchlog/shared/cost/stray';
import { localTime } from '../../screen/local-time.js';
import { neutralise, neutralJson } from '../../screen/neutralise.js';
import { Style } from '../../screen/style.js';
import { textTable } from '../../screen/text-table.js';
import type { CliSession, ClientFlags } from '../../session/cli-session.js';
import { EXIT } from '../../session/exit-code.js';

interface StrayFlags extends ClientFlags {
  readonly json?: boolean;
  readonly color: boolean;
}

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
  const command = new Command('list')
    .description('list strays, the longest known first')
    .option('--json', 'print one JSON object per line');
  return command.action(async () => {
    const flags = command.optsWithGlobals<StrayFlags>();
    const strays = await (await session.client(flags)).strays.list();
    const { stdout, environment } = session.process;
    if (flags.json === true) for (const stray of strays) session.print(neutralJson(stray));
    else if (strays.length === 0) session.print('There are no strays.');
    else session.print(strayTable(strays, Style.for(stdout, environment, flags.color)));
    session.exitCode = EXIT.ok;
  });
}

function terminateSubcommand(session: CliSession): Command {
  const command = new Command('terminate')
    .description('remove stray clusters of this installation, and their machines')
    .argument('<clusters...>', 'their names');
  return command.action(async (names: string[]) => {
    const client = await session.client(command.optsWithGlobals<ClientFlags>());
    for (const name of names) {
      await client.strays.terminate(name);
      session.print(neutralise(`${name}: is being removed`, false));
    }
    session.exitCode = EXIT.ok;
  });
}

function strayTable(strays: readonly Stray[], style: Style): string {
  const rows = strays.map(({ name, kind, state = '', foundAt, nodeId = '', terminatedBy, problem }) => [
    { text: neutralise(name, false) },
    { text: kind, paint: kind === 'foreign' ? undefined : (text: string) => style.yellow(text) },
    { text: neutralise(state, false) },
    { text: localTime(foundAt) },
    { text: nodeId },
    { text: neutralise(problem ?? (terminatedBy === undefined ? '' : `removed by ${terminatedBy}`), false) },
  ]);
  return textTable(['CLUSTER', 'KIND', 'STATE', 'FOUND', 'NODE', 'REMOVAL'], rows, style);
}
