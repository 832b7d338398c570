import { Command } from 'commander';
import type { Identity } from '@launchlog/shared/identity';
import { addOutput } from '../../output/output-flag.js';
import type { OutputFlags } from '../../output/output-flag.js';
import { printOne } from '../../output/print-one.js';
import { localTime } from '../../screen/local-time.js';
import { neutralise } from '../../screen/neutralise.js';
import type { Style } from '../../screen/style.js';
import type { CliSession, ClientFlags } from '../../session/cli-session.js';
import { EXIT } from '../../session/exit-code.js';

const NAME_WIDTH = 12;
const EXAMPLES = `
Examples:
  launchlog whoami
  launchlog whoami -o json | jq -r .expires_at
  LAUNCHLOG_TOKEN=… launchlog whoami -q

The secret itself is never shown.
`;

/** Works with every token, whatever its scopes. */
export function whoamiCommand(session: CliSession): Command {
  const command = new Command('whoami')
    .description('show who the token belongs to, what it may do and until when')
    .option('-q, --quiet', 'print only the name');
  addOutput(command, 'print it as one JSON object').addHelpText('after', EXAMPLES);
  return command.action(async () => {
    const flags = command.optsWithGlobals<ClientFlags & OutputFlags>();
    const identity = await (await session.client(flags)).whoami();
    const { url } = await session.address(flags);
    const text = (style: Style) => identityCard(identity, url, style);
    printOne(session, flags, { item: identity, name: identity.name, text });
    session.exitCode = EXIT.ok;
  });
}

function identityCard(identity: Identity, url: string, style: Style): string {
  const { name, kind, credential, scopes, deploymentId, tenantId, tokenId, expiresAt, lastUsedAt } = identity;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['name', name],
    ['kind', credential === kind ? kind : `${kind}, by a ${credential}`],
    ['may', scopes.join(', ')],
    ['deployment', deploymentId],
    ['tenant', tenantId],
    ['token', tokenId],
    ['expires', expiresAt === undefined ? 'never' : localTime(expiresAt)],
    ['last used', lastUsedAt && localTime(lastUsedAt)],
    ['server', url],
  ];
  return rows
    .flatMap(([title, text]) =>
      text === undefined ? [] : [`${style.dim(title.padEnd(NAME_WIDTH))}${neutralise(text, false)}`],
    )
    .join('\n');
}
