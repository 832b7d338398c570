import { Command } from 'commander';
import type { NotificationDelivery, NotificationRule } from '@launchlog/shared/notification';
import type { LaunchlogClient } from '../../../launchlog-client.js';
import { localTime } from '../../screen/local-time.js';
import { neutralise, neutralJson } from '../../screen/neutralise.js';
import { Style } from '../../screen/style.js';
import { textTable } from '../../screen/text-table.js';
import type { CliSession, ClientFlags } from '../../session/cli-session.js';
import { EXIT, UsageError } from '../../session/exit-code.js';
import { listOption, numberOption } from '../flag-value.js';

interface NotificationFlags extends ClientFlags {
  readonly rule?: string;
  readonly status?: string[];
  readonly limit: number;
  readonly json?: boolean;
  readonly color: boolean;
}

const LIMIT_DEFAULT = 50;
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
  const command = new Command('list')
    .description('list all rules')
    .option('--json', 'print one JSON object per line');
  return command.action(async () => {
    const flags = command.optsWithGlobals<NotificationFlags>();
    const rules = await (await session.client(flags)).notifications.listRules();
    printAll(session, flags, { items: rules, table: ruleTable, none: 'No rules.' });
  });
}

function testSubcommand(session: CliSession): Command {
  const command = new Command('test')
    .description('send a test message now')
    .argument('<rule>', 'name or id of the rule');
  return command.action(async (nameOrId: string) => {
    const client = await session.client(command.optsWithGlobals<ClientFlags>());
    const { id } = await knownRule(client, nameOrId);
    const { delivered, message } = await client.notifications.testRule(id);
    session.print(neutralise(message, false));
    session.exitCode = delivered ? EXIT.ok : EXIT.failed;
  });
}

function switchSubcommand(session: CliSession, verb: 'enable' | 'disable'): Command {
  const command = new Command(verb)
    .description(verb === 'enable' ? 'notify by a rule again' : 'keep a rule, and notify nobody by it')
    .argument('<rule>', 'name or id of the rule');
  return command.action(async (nameOrId: string) => {
    const client = await session.client(command.optsWithGlobals<ClientFlags>());
    const { id, name } = await knownRule(client, nameOrId);
    await client.notifications.updateRule(id, { enabled: verb === 'enable' });
    session.print(neutralise(`${name}: ${verb}d`, false));
    session.exitCode = EXIT.ok;
  });
}

function deliveriesSubcommand(session: CliSession): Command {
  const command = new Command('deliveries')
    .description('show what was sent, or was not, newest first')
    .option('--rule <rule>', 'only those of this rule')
    .option('--status <statuses>', 'only these: pending, delivered, failed, dead', listOption)
    .option('-n, --limit <count>', 'the most deliveries to print', numberOption, LIMIT_DEFAULT)
    .option('--json', 'print one JSON object per line');
  return command.action(async () => {
    const flags = command.optsWithGlobals<NotificationFlags>();
    const client = await session.client(flags);
    const ruleId = flags.rule === undefined ? undefined : (await knownRule(client, flags.rule)).id;
    const status = flags.status as NotificationDelivery['status'][] | undefined;
    const query = { limit: Math.min(500, flags.limit), ...(ruleId && { ruleId }), ...(status && { status }) };
    const { deliveries } = await client.notifications.deliveries(query);
    printAll(session, flags, { items: deliveries, table: deliveryTable, none: 'Nothing was sent.' });
  });
}

function resendSubcommand(session: CliSession): Command {
  const command = new Command('resend').description('send a delivery again').argument('<delivery>', 'its id');
  return command.action(async (id: string) => {
    const client = await session.client(command.optsWithGlobals<ClientFlags>());
    const { status } = await client.notifications.resend(id);
    session.print(neutralise(`${id}: ${status}`, false));
    session.exitCode = EXIT.ok;
  });
}

async function knownRule(
  client: Pick<LaunchlogClient, 'notifications'>,
  nameOrId: string,
): Promise<NotificationRule> {
  const rules = await client.notifications.listRules();
  const known = rules.filter(({ id, name }) => id === nameOrId || name === nameOrId);
  const [only] = known;
  if (only === undefined) throw new UsageError(`there is no rule '${neutralise(nameOrId, false)}'`);
  if (known.length > 1)
    throw new UsageError(`${known.length} rules have the name '${only.name}': use the id`);
  return only;
}

interface Printout<Item> {
  readonly items: readonly Item[];
  readonly table: (items: readonly Item[], style: Style) => string;
  /** Where there are none. */
  readonly none: string;
}

function printAll<Item>(session: CliSession, flags: NotificationFlags, printout: Printout<Item>): void {
  const { items, table, none } = printout;
  const { stdout, environment } = session.process;
  if (flags.json === true) for (const item of items) session.print(neutralJson(item));
  else session.print(items.length === 0 ? none : table(items, Style.for(stdout, environment, flags.color)));
  session.exitCode = EXIT.ok;
}

function ruleTable(rules: readonly NotificationRule[], style: Style): string {
  const rows = rules.map(({ id, name, target, events, enabled }) =>
    [
      name,
      enabled ? 'on' : 'off',
      target.kind === 'email' ? target.to.join(',') : `${target.kind} ${target.url}`,
      events.join(','),
      id,
    ].map((text) => ({ text: neutralise(text, false) })),
  );
  return textTable(['NAME', 'STATE', 'TO', 'EVENTS', 'ID'], rows, style);
}

function deliveryTable(deliveries: readonly NotificationDelivery[], style: Style): string {
  const rows = deliveries.map(({ id, event, status, nodeId, createdAt, error, attempt }) => [
    { text: localTime(createdAt) },
    { text: event },
    { text: status, paint: status === 'delivered' ? undefined : (text: string) => style.yellow(text) },
    { text: String(attempt) },
    { text: nodeId ?? '' },
    { text: id },
    { text: neutralise(error ?? '', false) },
  ]);
  return textTable(['AT', 'EVENT', 'STATUS', 'TRIES', 'NODE', 'ID', 'ERROR'], rows, style);
}
