import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { Command, Option } from 'commander';
import { EXPORT_FORMATS } from '@launchlog/shared/log-export';
import type { ExportFormat } from '@launchlog/shared/log-export';
import { OUTPUTS } from '../output/output-flag.js';
import { neutralise } from '../screen/neutralise.js';
import { confirm } from '../session/ask.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT, UsageError } from '../session/exit-code.js';
import type { ExitCode } from '../session/exit-code.js';
import { addLogFlags, logQueryOf } from './log-flags.js';
import type { LogFlags } from './log-flags.js';
import { resolveNode } from './resolve-node.js';
import { saveFile } from './save-file.js';

interface ExportFlags extends ClientFlags, LogFlags {
  readonly format?: ExportFormat;
  readonly yes?: boolean;
  readonly output?: string;
  readonly gzip?: boolean;
}

/** What `-o` takes elsewhere, and hardly the name of a file. */
const OUTPUT_FORMATS: ReadonlySet<string> = new Set(OUTPUTS);
const EXAMPLES = `
Examples:
  launchlog export 550e8400 -o launch.csv
  launchlog export 550e8400 --format json -o logs/ --gzip     as logs/<cluster name>.json.gz
  launchlog export 550e8400 --format ndjson --level error | jq .
`;

export function exportCommand(session: CliSession): Command {
  const command = new Command('export')
    .description('export the log of a node as text, CSV, JSON or JSON lines')
    .argument('<node>', 'id, beginning of an id, or cluster name')
    .addOption(
      new Option('--format <format>', 'file format (default: by the ending of -o, else text)').choices(
        EXPORT_FORMATS,
      ),
    )
    .option(
      '-o, --output <file>',
      'write to this file, or to a file named after the cluster in this folder (default: standard output)',
    )
    .option('--gzip', 'compress; implied by a file name that ends with .gz')
    .option('-y, --yes', 'replace a file without asking (never asked without a terminal)')
    .addHelpText('after', EXAMPLES);
  addLogFlags(command, 'all held entries');
  return command.action(async (name: string) => {
    session.exitCode = await runExport(session, name, command.optsWithGlobals<ExportFlags>());
  });
}

async function runExport(session: CliSession, name: string, flags: ExportFlags): Promise<ExitCode> {
  // Export all entries by default: a file must not be silently incomplete.
  const { tail, filter } = logQueryOf(flags, Date.now());
  if (tail === 0) throw new UsageError('--tail 0 would export nothing: pass a number, or all');
  if (OUTPUT_FORMATS.has(flags.output ?? ''))
    throw new UsageError(
      `-o names a file here: pass --format ${flags.output === 'json' ? 'json' : 'text, csv, json or ndjson'}, or -o ./${flags.output} for a file of that name`,
    );
  const format = flags.format ?? formatOf(flags.output) ?? 'text';
  const client = await session.client(flags);
  const node = await resolveNode(client, name);
  const gzip = flags.gzip === true || flags.output?.endsWith('.gz') === true;
  const { stdout, interrupted: signal } = session.process;
  if (gzip && flags.output === undefined && stdout.isTTY) {
    throw new UsageError('--gzip does not write to a terminal: pass -o, or redirect the output');
  }
  const text = client.exportLog(node.id, {
    ...filter,
    ...(flags.tail === undefined || tail === 'all' ? {} : { tail }),
    format,
    signal,
    onGap: ({ from_seq: from, to_seq: to, reason }) =>
      session.warn(`entries ${from} to ${to} are no longer held (${reason})`),
  });
  const chunks = gzip ? compressed(text) : text;
  if (flags.output === undefined) {
    await print(session, chunks);
    return signal.aborted ? EXIT.interrupted : EXIT.ok;
  }
  const extension = `${EXTENSIONS[format]}${gzip ? '.gz' : ''}`;
  const path = await pathOf(flags.output, `${node.clusterName}.${extension}`);
  if (flags.yes !== true && !(await mayReplace(session, path))) return EXIT.failed;
  await saveFile(chunks, path, signal);
  if (signal.aborted) return EXIT.interrupted;
  const written = await stat(path);
  if (written.isFile())
    session.warn(`wrote ${path} (${format}${gzip ? ', gzip' : ''}, ${written.size} bytes)`);
  return EXIT.ok;
}

/** The format that the ending of a file name stands for: `.csv`, `.json`, `.ndjson`, `.jsonl`, `.log` or `.txt`, before `.gz`. */
function formatOf(output: string | undefined): ExportFormat | undefined {
  const ending = /\.([a-z]+)(?:\.gz)?$/i.exec(output ?? '')?.[1]?.toLowerCase() ?? '';
  if (ending === 'jsonl') return 'ndjson';
  if (ending === 'log' || ending === 'txt') return 'text';
  return EXPORT_FORMATS.find((format) => format === ending && format !== 'text');
}

/** Asks before a file with content is replaced. Devices and pipes are written to, not replaced. */
async function mayReplace(session: CliSession, path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size === 0 || !session.canAsk) return true;
  if (await confirm(session, `${path} exists. Replace it?`)) return true;
  session.print('Nothing was written.');
  return false;
}

/** The extensions that the server uses. */
const EXTENSIONS: Readonly<Record<ExportFormat, string>> = {
  text: 'log',
  csv: 'csv',
  json: 'json',
  ndjson: 'ndjson',
};

async function pathOf(output: string, fileName: string): Promise<string> {
  const found = await stat(output).catch(() => undefined);
  if (found === undefined && output.endsWith('/')) throw new UsageError(`-o ${output}: no such folder`);
  return found?.isDirectory() === true ? join(output, fileName) : output;
}

function compressed(text: AsyncIterable<string>): AsyncIterable<Uint8Array> {
  const gzip = createGzip();
  // The pipeline destroys `gzip` with any error, so that its reader throws it.
  pipeline(Readable.from(text), gzip).catch(() => undefined);
  return gzip;
}

/** A file gets the bytes unchanged. On a terminal, the log must not move the cursor. */
async function print(session: CliSession, chunks: AsyncIterable<string | Uint8Array>): Promise<void> {
  const { stdout } = session.process;
  for await (const chunk of chunks) {
    const shown =
      stdout.isTTY && typeof chunk === 'string' ? neutralise(chunk, false).replaceAll('\n    ', '\n') : chunk;
    if (!stdout.write(shown) && !stdout.destroyed) await once(stdout, 'drain');
  }
}
