import { Command } from 'commander';
import { budgetInputSchema, budgetPatchSchema } from '@launchlog/shared/cost/budget';
import type { Budget } from '@launchlog/shared/cost/budget';
import type { LaunchlogClient } from '../../../launchlog-client.js';
import { addOutput } from '../../output/output-flag.js';
import type { OutputFlags } from '../../output/output-flag.js';
import { printItems } from '../../output/print-items.js';
import { printOne } from '../../output/print-one.js';
import { Results } from '../../output/results.js';
import { dollars } from '@launchlog/shared/cost/dollars';
import { localTime } from '../../screen/local-time.js';
import { neutralise } from '../../screen/neutralise.js';
import { itemTable } from '../../screen/text-table.js';
import type { ItemColumn } from '../../screen/text-table.js';
import type { CliSession, ClientFlags } from '../../session/cli-session.js';
import { EXIT, UsageError } from '../../session/exit-code.js';
import { actOnEach } from '../act-on-each.js';
import { numberOption, parseFlags } from '../flag-value.js';
import { namedItem, requireNamedItem, unknownItem } from './named-item.js';

interface SetFlags extends ClientFlags, OutputFlags {
  readonly maxHourlyCost?: number;
  readonly tenant?: string;
  readonly deployment?: string;
  readonly rename?: string;
}

const COLUMNS: readonly ItemColumn<Budget>[] = [
  { title: 'NAME', text: ({ name }) => name, rank: 0 },
  { title: 'TENANT', text: ({ tenantId = '' }) => tenantId, rank: 4 },
  { title: 'DEPLOYMENT', text: ({ deploymentId = '' }) => deploymentId, rank: 5 },
  { title: 'LIMIT/H', text: ({ maxHourlyCost }) => dollars(maxHourlyCost), rank: 1 },
  { title: 'NOW/H', text: ({ hourlyCost }) => dollars(hourlyCost), rank: 2 },
  {
    title: 'USED',
    text: ({ hourlyCost, maxHourlyCost }) => `${Math.floor((100 * hourlyCost) / maxHourlyCost)}%`,
    rank: 6,
  },
  {
    title: 'LEVEL',
    text: ({ level }) => level,
    paint: ({ level }, text, style) =>
      ({ within: text, warning: style.yellow(text), exceeded: style.red(text) })[level],
    rank: 3,
  },
  { title: 'CREATED', text: ({ createdAt }) => localTime(createdAt), rank: 8 },
  { title: 'BY', text: ({ createdBy }) => createdBy, rank: 9 },
  { title: 'ID', text: ({ id }) => id, rank: 7 },
];
const FLAGS = {
  name: '<name>',
  maxHourlyCost: '--max-hourly-cost',
  tenantId: '--tenant',
  deploymentId: '--deployment',
} as const;
const EXAMPLES = `
Examples:
  launchlog budgets
  launchlog budgets set chat --tenant acme --max-hourly-cost 20
  launchlog budgets set chat --max-hourly-cost 35
  launchlog budgets remove chat
  launchlog budgets -o json | jq '.budgets[] | select(.level != "within")'

A launch that would exceed a budget is refused. What runs is left alone. At 80 % there is a warning.
`;

/** Needs an admin token. */
export function budgetsCommand(session: CliSession): Command {
  return new Command('budgets')
    .description('list, set and remove limits of what tenants and deployments cost per hour')
    .addHelpText('after', EXAMPLES)
    .addCommand(listSubcommand(session), { isDefault: true })
    .addCommand(setSubcommand(session))
    .addCommand(removeSubcommand(session));
}

function listSubcommand(session: CliSession): Command {
  const command = addOutput(new Command('list'))
    .description('list budgets and what runs in each now, the oldest first')
    .option('-q, --quiet', 'print only names');
  return command.action(async () => {
    const flags = command.optsWithGlobals<ClientFlags & OutputFlags>();
    const budgets = await (await session.client(flags)).budgets.list();
    printItems(session, flags, {
      items: budgets,
      list: 'budgets',
      nameOf: ({ name }) => name,
      table: (items, options) => itemTable(items, COLUMNS, options),
      none: 'There are no budgets.',
    });
    session.exitCode = EXIT.ok;
  });
}

function setSubcommand(session: CliSession): Command {
  const command = new Command('set')
    .description('make a budget or, if there is one of this name, change it')
    .argument('<name>', 'its name or id')
    .option('--max-hourly-cost <dollars>', 'US dollars per hour that may run together', numberOption)
    .option('--tenant <id>', 'of this tenant')
    .option('--deployment <id>', 'of this deployment; with --tenant, of the tenant there')
    .option('--rename <name>', 'another name')
    .option('-q, --quiet', 'print only its name');
  addOutput(command);
  return command.action(async (nameOrId: string) => {
    const flags = command.optsWithGlobals<SetFlags>();
    const client = await session.client(flags);
    const known = namedItem(await client.budgets.list(), nameOrId, 'budget');
    const budget =
      known === undefined ? await make(client, nameOrId, flags) : await change(client, known, flags);
    const { name, maxHourlyCost } = budget;
    const done = `${name}: ${known === undefined ? 'made' : 'changed'}, $${maxHourlyCost} per hour`;
    printOne(session, flags, { item: budget, name, text: () => neutralise(done, false) });
    session.exitCode = EXIT.ok;
  });
}

async function make(client: BudgetClient, name: string, flags: SetFlags): Promise<Budget> {
  const { tenant: tenantId, deployment: deploymentId, maxHourlyCost, rename } = flags;
  if (rename !== undefined) throw unknownItem(name, 'budget');
  if (tenantId === undefined && deploymentId === undefined)
    throw new UsageError(`there is no budget '${name}' yet: a new one needs --tenant or --deployment`);
  if (maxHourlyCost === undefined) throw new UsageError('--max-hourly-cost is required for a new budget');
  const given = { name, maxHourlyCost, tenantId, deploymentId };
  return client.budgets.create(parseFlags(budgetInputSchema, given, FLAGS));
}

async function change(client: BudgetClient, known: Budget, flags: SetFlags): Promise<Budget> {
  const { tenant = known.tenantId, deployment = known.deploymentId, maxHourlyCost, rename: name } = flags;
  if (tenant !== known.tenantId || deployment !== known.deploymentId) {
    const whose = [
      known.tenantId && `--tenant ${known.tenantId}`,
      known.deploymentId && `--deployment ${known.deploymentId}`,
    ];
    throw new UsageError(
      `the budget '${known.name}' is that of ${whose.filter(Boolean).join(' ')}, which cannot change: use another name`,
    );
  }
  if (maxHourlyCost === undefined && name === undefined)
    throw new UsageError('give --max-hourly-cost or --rename');
  return client.budgets.update(known.id, parseFlags(budgetPatchSchema, { name, maxHourlyCost }, FLAGS));
}

function removeSubcommand(session: CliSession): Command {
  const command = new Command('remove')
    .description('remove budgets; launches are no longer held to them')
    .argument('<budgets...>', 'their names or ids')
    .option('-q, --quiet', 'print only names');
  addOutput(command, 'print each budget as it was, as one JSON object per line');
  return command.action(async (names: string[]) => {
    const flags = command.optsWithGlobals<ClientFlags & OutputFlags>();
    const client = await session.client(flags);
    const budgets = await client.budgets.list();
    // All of them are found before the first one is removed.
    const known = names.map((name) => requireNamedItem(budgets, name, 'budget'));
    const results = new Results<Budget>(session, flags, {
      isOne: names.length === 1,
      list: 'budgets',
      nameOf: ({ name }) => name,
    });
    session.exitCode = await actOnEach(session, [...new Set(known)], {
      noun: 'budgets',
      nameOf: ({ name }) => name,
      act: async (budget) => {
        await client.budgets.remove(budget.id);
        results.add(budget, neutralise(`${budget.name}: removed`, false));
      },
    });
    results.end();
  });
}

type BudgetClient = Pick<LaunchlogClient, 'budgets'>;
