import { Command } from 'commander';
import { accessTokenInputSchema, TOKEN_SCOPES } from '@launchlog/shared/access-token';
import type { AccessToken, AccessTokenInput } from '@launchlog/shared/access-token';
import type { LaunchlogClient } from '../../launchlog-client.js';
import { addOutput } from '../output/output-flag.js';
import type { OutputFlags } from '../output/output-flag.js';
import { printItems } from '../output/print-items.js';
import { printOne } from '../output/print-one.js';
import { localTime } from '../screen/local-time.js';
import { neutralise } from '../screen/neutralise.js';
import { itemTable } from '../screen/text-table.js';
import type { ItemColumn } from '../screen/text-table.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT, UsageError } from '../session/exit-code.js';
import { listOption, parseDuration, parseFlags, parseMoment } from './flag-value.js';

interface CreateFlags extends ClientFlags, OutputFlags {
  readonly scope?: string[];
  readonly deployment?: string;
  readonly tenant?: string;
  readonly expires?: string;
}

const GRACE_DAYS_MAX = 30;
const TOKEN_AS_JSON = 'print the token and its metadata as one JSON object';

/** The flags of request fields, as the error shows them. */
const FLAGS = {
  name: '<name>',
  scopes: '--scope',
  deploymentId: '--deployment',
  tenantId: '--tenant',
  expiresAt: '--expires',
} as const;

const COLUMNS: readonly ItemColumn<AccessToken>[] = [
  { title: 'NAME', text: ({ name }) => name, rank: 0 },
  { title: 'MAY', text: ({ scopes }) => scopes.join(','), rank: 1 },
  { title: 'ONLY', text: boundsOf, rank: 3 },
  { title: 'STATE', text: stateOf, rank: 2 },
  { title: 'USED', text: ({ lastUsedAt }) => (lastUsedAt ? localTime(lastUsedAt) : 'never'), rank: 4 },
  {
    title: 'FORMER SECRET',
    text: ({ previousUntil }) => (previousUntil ? `until ${localTime(previousUntil)}` : ''),
    rank: 6,
  },
  { title: 'ID', text: ({ id }) => id, rank: 5 },
];

const EXAMPLES = `
Examples:
  launchlog tokens create ci --scope read,launch --deployment chat --expires 30d
  launchlog tokens list
  launchlog tokens rotate ci --grace 12h
  launchlog tokens revoke ci
`;

/** Manages named tokens; needs an admin token. */
export function tokensCommand(session: CliSession): Command {
  return new Command('tokens')
    .description('create, list, rotate and revoke named tokens')
    .addHelpText('after', EXAMPLES)
    .addCommand(createSubcommand(session))
    .addCommand(listSubcommand(session))
    .addCommand(rotateSubcommand(session))
    .addCommand(revokeSubcommand(session));
}

function createSubcommand(session: CliSession): Command {
  const command = new Command('create')
    .description('create a token; it is printed once and cannot be shown again')
    .argument('<name>', 'name in the audit trail; it cannot be reused')
    .requiredOption('--scope <scopes>', `permissions: ${TOKEN_SCOPES.join(', ')}`, listOption)
    .option('--deployment <id>', 'limit the token to this deployment')
    .option('--tenant <id>', 'limit the token to this tenant')
    .option('--expires <when>', 'expire in 12h or 30d, or at an RFC 3339 time (default: never)')
    .option('-q, --quiet', 'print only the token, without a remark');
  addOutput(command, TOKEN_AS_JSON);
  return command.action(async (name: string) => {
    const flags = command.optsWithGlobals<CreateFlags>();
    const input = inputOf(name, flags);
    const client = await session.client(flags);
    const { accessToken, token } = await client.createToken(input);
    printSecret(session, flags, { ...accessToken, token });
    if (flags.json !== true && flags.quiet !== true)
      session.warn(`the token of '${accessToken.name}' will not be shown again`);
    session.exitCode = EXIT.ok;
  });
}

function listSubcommand(session: CliSession): Command {
  const command = addOutput(new Command('list'))
    .description('list all tokens, newest first')
    .option('-q, --quiet', 'print only ids');
  return command.action(async () => {
    const flags = command.optsWithGlobals<CreateFlags>();
    const client = await session.client(flags);
    const tokens = await client.listTokens();
    printItems(session, flags, {
      items: tokens,
      list: 'tokens',
      nameOf: ({ id, name }) => (flags.quiet === true ? id : name),
      table: (items, options) => itemTable(items, COLUMNS, options),
      none: 'No tokens.',
    });
    session.exitCode = EXIT.ok;
  });
}

function rotateSubcommand(session: CliSession): Command {
  const command = new Command('rotate')
    .description('give a token a new secret; it is printed once and cannot be shown again')
    .argument('<token>', 'name or id of the token')
    .option('--grace <duration>', 'how long the former secret stays valid: 0s, 12h, 30d', '1d')
    .option('-q, --quiet', 'print only the token, without a remark');
  addOutput(command, TOKEN_AS_JSON);
  return command.action(async (nameOrId: string) => {
    const flags = command.optsWithGlobals<CreateFlags & { readonly grace: string }>();
    const graceSeconds = Math.round(parseDuration(flags.grace, '--grace', GRACE_DAYS_MAX) / 1_000);
    const client = await session.client(flags);
    const { id } = await knownToken(client, nameOrId);
    const { accessToken, token } = await client.tokens.rotate(id, { graceSeconds });
    const { name, previousUntil } = accessToken;
    printSecret(session, flags, { ...accessToken, token });
    const end = previousUntil === undefined ? 'is no longer valid' : `is valid until ${previousUntil}`;
    if (flags.quiet !== true)
      session.warn(`the former secret of '${name}' ${end}; the new one will not be shown again`);
    session.exitCode = EXIT.ok;
  });
}

/** The secret is what a command takes, so that no format leaves it out. */
function printSecret(session: CliSession, flags: CreateFlags, item: AccessToken & { token: string }): void {
  printOne(session, flags, { item, name: item.token, text: () => neutralise(item.token, false) });
}

async function knownToken(client: Pick<LaunchlogClient, 'tokens'>, nameOrId: string): Promise<AccessToken> {
  const known = (await client.tokens.list()).find(({ id, name }) => id === nameOrId || name === nameOrId);
  if (known === undefined)
    throw new UsageError(
      `there is no token '${neutralise(nameOrId, false)}'; 'launchlog tokens list' shows them`,
    );
  return known;
}

function revokeSubcommand(session: CliSession): Command {
  const command = new Command('revoke')
    .description('revoke a token and end the requests it holds open')
    .argument('<token>', 'name or id of the token')
    .option('-q, --quiet', 'print only its id');
  addOutput(command);
  return command.action(async (nameOrId: string) => {
    const flags = command.optsWithGlobals<CreateFlags>();
    const client = await session.client(flags);
    const known = await knownToken(client, nameOrId);
    const item = await client.revokeToken(known.id);
    const { id, name, revokedAt = '' } = item;
    const text = () => neutralise(`${name}: revoked ${revokedAt}`, false);
    printOne(session, flags, { item, name: flags.quiet === true ? id : name, text });
    session.exitCode = EXIT.ok;
  });
}

function inputOf(name: string, flags: CreateFlags): AccessTokenInput {
  const given = {
    name,
    scopes: flags.scope,
    deploymentId: flags.deployment,
    tenantId: flags.tenant,
    expiresAt: flags.expires === undefined ? undefined : expiryOf(flags.expires, Date.now()),
  };
  return parseFlags(accessTokenInputSchema, given, FLAGS);
}

function expiryOf(text: string, nowMs: number): string {
  const moment = parseMoment(text, '--expires', nowMs);
  // parseMoment() counts a duration back from now: mirror it into the future.
  return moment === text ? text : new Date(2 * nowMs - Date.parse(moment)).toISOString();
}

function boundsOf({ deploymentId, tenantId }: AccessToken): string {
  const bounds = [deploymentId && `deployment ${deploymentId}`, tenantId && `tenant ${tenantId}`];
  return bounds.filter(Boolean).join(', ');
}

function stateOf({ expiresAt, revokedAt }: AccessToken): string {
  if (revokedAt !== undefined) return `revoked ${localTime(revokedAt)}`;
  return expiresAt === undefined ? '' : `expires ${localTime(expiresAt)}`;
}
