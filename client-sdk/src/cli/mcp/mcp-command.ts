import { Command } from 'commander';
import { serveMcp } from './mcp-server.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';

const EXAMPLES = `
An agent starts it, with a configuration such as:
  { "mcpServers": { "launchlog": { "command": "launchlog", "args": ["mcp"] } } }

It can only read, with the rights of your token: create one with the scope read for it. It needs the package
@modelcontextprotocol/sdk beside @launchlog/sdk.
`;

export function mcpCommand(session: CliSession, version: string): Command {
  const command = new Command('mcp')
    .description('answer an agent by the Model Context Protocol, on standard input and output')
    .addHelpText('after', EXAMPLES);
  return command.action(async () => {
    const client = await session.client(command.optsWithGlobals<ClientFlags>());
    await serveMcp({ client, version, signal: session.process.interrupted });
    session.exitCode = EXIT.ok;
  });
}
