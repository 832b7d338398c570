import { Command } from 'commander';
import type {
  DeliveryQueryInput,
  NotificationDelivery,
  NotificationRule,
} from '@launchlog/shared/notification';
import type { LaunchlogClient } from '../../../launchlog-client.js';
import { addOutput } from '../../output/output-flag.js';
import type { OutputFlags } from '../../output/output-flag.js';
import { printItems } from '../../output/print-items.js';
import { printOne } from '../../output/print-one.js';
import { localTime } from '../../screen/local-time.js';
import { neutralise } from '../../screen/neutralise.js';
import { itemTable } from '../../screen/text-table.js';
import type { ItemColumn } from '../../screen/text-table.js';
import type { CliSession, ClientFlags } from '../../session/cli-session.js';
import { EXIT } from '../../session/exit-code.js';
import { listOption, numberOption, requireCount } from '../flag-value.js';
import { requireNamedItem } from './named-item.js';

interface NotificationFlags extends ClientFlags, OutputFlags {
  readonly rule?: string;
  readonly status?: string[];
  readonly limit: number;
}

const LIMIT_DEFAULT = 50;
const PAGE_MAX = 500;
const RULE_COLUMNS: readonly ItemColumn<NotificationRule>[] = [
  { title: 'NAME', text: ({ name }) => name, rank: 0 },
  { title: 'STATE', text: ({ enabled }) => (enabled ? 'on' : 'off'), rank: 1 },
  {
    title: 'TO',
    text: ({ target }) => (target.kind === 'email' ? target.to.join(',') : `${target.kind} ${target.url}`),
    rank: 2,
  },
  { title: 'EVENTS', text: ({ events }) => events.join(','), rank: 3 },
  { title: 'ID', text: ({ id }) => id, rank: 4 },
];
const DELIVERY_COLUMNS: readonly ItemColumn<NotificationDelivery>[] = [
  { title: 'AT', text: ({ createdAt }) => localTime(createdAt), rank: 2 },
  { title: 'EVENT', text: ({ event }) => event, rank: 1 },
  {
    title: 'STATUS',
    text: ({ status }) => status,
    paint: ({ status }, text, style) => (status === 'delivered' ? text : style.yellow(text)),
    rank: 0,
  },
  { title: 'TRIES', text: ({ attempt }) => String(attempt), rank: 5 },
  { title: 'NODE', text: ({ nodeId = '' }) => nodeId, rank: 6 },
  { title: 'ID', text: ({ id }) => id, rank: 4 },
  { title: 'ERROR', text: ({ error = '' }) => error, rank: 3 },
];
const EXAMPLES = `
Examples:
  launchlog notifications list
  launchlog notifications test ops-channel
  launchlog notifications deliveries --rule ops-channel --status failed
  launchlog notifications resend 3f2b8c1e-5d1c-4d6c-9a0e-2f6b1c9e7a55

Rules are created in the console, or by the API.
`;

/** Needs an admin token. */
export function notificationsCommand(session: CliSession): Command {
  return new Command('notifications')
    .description('list and test the rules that notify people and programs, and what was delivered')
    .addHelpText('after', EXAMPLES)
    .addCommand(listSubcommand(session))
    .addCommand(testSubcommand(session))
    .addCommand(switchSubcommand(session, 'enable'))
    .addCommand(switchSubcommand(session, 'disable'))
    .addCommand(deliveriesSubcommand(session))
    .addCommand(resendSubcommand(session));
}

function listSubcommand(session: CliSession): Command {
  const command = addOutput(new Command('list'))
    .description('list all rules')
    .option('-q, --quiet', 'print only ids');
  return command.action(async () => {
    const flags = command.optsWithGlobals<NotificationFlags>();
    const rules = await (await session.client(flags)).notifications.listRules();
    printItems(session, flags, {
      items: rules,
      list: 'rules',
      nameOf: ({ id, name }) => (flags.quiet === true ? id : name),
      table: (items, options) => itemTable(items, RULE_COLUMNS, options),
      none: 'No rules.',
    });
    session.exitCode = EXIT.ok;
  });
}

function testSubcommand(session: CliSession): Command {
  const command = new Command('test')
    .description('send a test message now')
    .argument('<rule>', 'name or id of the rule')
    .option('-q, --quiet', 'print only the id of the rule');
  addOutput(command);
  return command.action(async (nameOrId: string) => {
    const flags = command.optsWithGlobals<NotificationFlags>();
    const client = await session.client(flags);
    const { id, name } = await knownRule(client, nameOrId);
    const item = await client.notifications.testRule(id);
    const { delivered, message } = item;
    const text = () => neutralise(message, false);
    printOne(session, flags, { item, name: flags.quiet === true ? id : name, text });
    session.exitCode = delivered ? EXIT.ok : EXIT.failed;
  });
}

function switchSubcommand(session: CliSession, verb: 'enable' | 'disable'): Command {
  const command = new Command(verb)
    .description(verb === 'enable' ? 'notify by a rule again' : 'keep a rule, and notify nobody by it')
    .argument('<rule>', 'name or id of the rule')
    .option('-q, --quiet', 'print only its id');
  addOutput(command);
  return command.action(async (nameOrId: string) => {
    const flags = command.optsWithGlobals<NotificationFlags>();
    const client = await session.client(flags);
    const { id, name } = await knownRule(client, nameOrId);
    const { rule: item } = await client.notifications.updateRule(id, { enabled: verb === 'enable' });
    const text = () => neutralise(`${name}: ${verb}d`, false);
    printOne(session, flags, { item, name: flags.quiet === true ? id : name, text });
    session.exitCode = EXIT.ok;
  });
}

function deliveriesSubcommand(session: CliSession): Command {
  const command = addOutput(new Command('deliveries'))
    .description('show what was sent, or was not, newest first')
    .option('--rule <rule>', 'only those of this rule')
    .option('--status <statuses>', 'only these: pending, delivered, failed, dead', listOption)
    .option('-n, --limit <count>', 'the most deliveries to print', numberOption, LIMIT_DEFAULT)
    .option('-q, --quiet', 'print only ids');
  return command.action(async () => {
    const flags = command.optsWithGlobals<NotificationFlags>();
    requireCount(flags.limit, '--limit');
    const client = await session.client(flags);
    const ruleId = flags.rule === undefined ? undefined : (await knownRule(client, flags.rule)).id;
    const status = flags.status as NotificationDelivery['status'][] | undefined;
    const query = { ...(ruleId && { ruleId }), ...(status && { status }) };
    const deliveries = await latestDeliveries(client, query, flags.limit);
    printItems(session, flags, {
      items: deliveries,
      list: 'deliveries',
      nameOf: ({ id }) => id,
      table: (items, options) => itemTable(items, DELIVERY_COLUMNS, options),
      none: 'Nothing was sent.',
    });
    session.exitCode = EXIT.ok;
  });
}

/** The newest ones, from as many pages as they need. */
async function latestDeliveries(
  client: Pick<LaunchlogClient, 'notifications'>,
  query: DeliveryQueryInput,
  count: number,
): Promise<readonly NotificationDelivery[]> {
  const found: NotificationDelivery[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(PAGE_MAX, count - found.length);
    const page = await client.notifications.deliveries({ ...query, limit, ...(cursor && { cursor }) });
    found.push(...page.deliveries);
    cursor = page.nextCursor;
  } while (cursor !== undefined && found.length < count);
  return found;
}

function resendSubcommand(session: CliSession): Command {
  const command = new Command('resend')
    .description('send a delivery again')
    .argument('<delivery>', 'its id')
    .option('-q, --quiet', 'print only its id');
  addOutput(command);
  return command.action(async (id: string) => {
    const flags = command.optsWithGlobals<NotificationFlags>();
    const item = await (await session.client(flags)).notifications.resend(id);
    const text = () => neutralise(`${id}: ${item.status}`, false);
    printOne(session, flags, { item, name: item.id, text });
    session.exitCode = EXIT.ok;
  });
}

async function knownRule(
  client: Pick<LaunchlogClient, 'notifications'>,
  nameOrId: string,
): Promise<NotificationRule> {
  return requireNamedItem(await client.notifications.listRules(), nameOrId, 'rule');
}
