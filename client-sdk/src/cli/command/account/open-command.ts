import { spawn } from 'node:child_process';
import { Command } from 'commander';
import { addOutput } from '../../output/output-flag.js';
import type { OutputFlags } from '../../output/output-flag.js';
import { printOne } from '../../output/print-one.js';
import { neutralise } from '../../screen/neutralise.js';
import type { CliSession, ClientFlags } from '../../session/cli-session.js';
import { EXIT } from '../../session/exit-code.js';
import { resolveNode } from '../resolve-node.js';

interface OpenFlags extends ClientFlags, OutputFlags {
  readonly print?: boolean;
}

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: 'open', linux: 'xdg-open' };
const OPENED_AFTER_MS = 3_000;
const EXAMPLES = `
Examples:
  launchlog open
  launchlog open 550e8400
  launchlog open 550e8400 --print
`;

export function openCommand(session: CliSession): Command {
  const command = new Command('open')
    .description('open the console, or the page of a node, in the browser')
    .argument('[node]', 'id, beginning of an id, or cluster name')
    .option('--print', 'print the address only')
    .option('-q, --quiet', 'print the address only');
  addOutput(command, 'print the address as one JSON object').addHelpText('after', EXAMPLES);
  return command.action(async (name: string | undefined) => {
    const flags = command.optsWithGlobals<OpenFlags>();
    const client = await session.client(flags);
    const path = name === undefined ? '/' : `/nodes/${(await resolveNode(client, name)).id}`;
    const { url } = await session.address(flags);
    const page = `${url.replace(/\/+$/, '')}${path}`;
    printOne(session, flags, { item: { url: page }, name: page, text: () => neutralise(page, false) });
    session.exitCode = EXIT.ok;
    const isForProgram = flags.output !== undefined || flags.json === true || flags.quiet === true;
    if (flags.print === true || isForProgram || !session.canAsk) return;
    const opener = OPENERS[process.platform];
    if (opener === undefined || !(await opened(opener, page)))
      session.warn('no browser was found: open the address above');
  });
}

/**
 * The address is an argument of its own, and never passes a shell. Without a screen or a browser, the program ends at once
 * with an error; one that is still running after a moment has opened something.
 */
function opened(program: string, page: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, [page], { stdio: 'ignore', detached: true });
    const timer = setTimeout(() => {
      child.unref();
      resolve(true);
    }, OPENED_AFTER_MS);
    const end = (isOpen: boolean) => {
      clearTimeout(timer);
      resolve(isOpen);
    };
    child.once('error', () => end(false));
    child.once('exit', (code) => end(code === 0));
  });
}
