import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { TAIL_MAX } from '@launchlog/shared/log-query';
import { EXPORT_FORMATS } from '../export-log.js';
import type { ExportFormat } from '../export-log.js';
import type { CliSession, ClientFlags } from './cli-session.js';
import { EXIT } from './exit-code.js';
import type { ExitCode } from './exit-code.js';
import { addLogFlags, logQueryOf } from './log-flags.js';
import type { LogFlags } from './log-flags.js';
import { neutralise } from './neutralise.js';
import { resolveNode } from './resolve-node.js';

interface ExportFlags extends ClientFlags, LogFlags {
  readonly format: ExportFormat;
  readonly output?: string;
}

const EXAMPLES = `
Examples:
  launchlog export 550e8400 --format csv -o launch.csv
  launchlog export 550e8400 --format ndjson --level error | jq .
`;

export function exportCommand(session: CliSession): Command {
  const command = new Command('export')
    .description('write the log of a node as text, CSV or JSON lines')
    .argument('<node>', 'id, beginning of an id or cluster name')
    .addOption(new Option('--format <format>', 'of the file').choices(EXPORT_FORMATS).default('text'))
    .option('-o, --output <file>', 'write there, not to standard output')
    .addHelpText('after', EXAMPLES);
  addLogFlags(command);
  return command.action(async (name: string) => {
    session.exitCode = await runExport(session, name, command.optsWithGlobals<ExportFlags>());
  });
}

async function runExport(session: CliSession, name: string, flags: ExportFlags): Promise<ExitCode> {
  const query = logQueryOf({ tail: TAIL_MAX, ...flags }, Date.now());
  const client = await session.client(flags);
  const node = await resolveNode(client, name);
  const signal = session.process.interrupted;
  const pieces = client.exportLog(node.id, { ...query, format: flags.format, signal });
  if (flags.output === undefined) await print(session, pieces);
  else await save(pieces, flags.output, signal);
  return EXIT.ok;
}

/** A file gets the bytes as they are; on a terminal a log must not move the cursor. */
async function print(session: CliSession, pieces: AsyncIterable<string>): Promise<void> {
  const { stdout } = session.process;
  for await (const piece of pieces) {
    const text = stdout.isTTY ? neutralise(piece, false).replaceAll('\n    ', '\n') : piece;
    if (!stdout.write(text)) await once(stdout, 'drain');
  }
}

/** Under its name only when it is complete. */
async function save(pieces: AsyncIterable<string>, path: string, signal: AbortSignal): Promise<void> {
  const draft = `${path}.part`;
  try {
    await pipeline(pieces, createWriteStream(draft));
    if (signal.aborted) await rm(draft, { force: true });
    else await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
