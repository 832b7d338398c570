import { Command } from 'commander';
import { auditQuerySchema } from '@launchlog/shared/audit';
import type { AuditEntry, AuditQueryInput } from '@launchlog/shared/audit';
import { localTime } from '../../screen/local-time.js';
import { neutralise, neutralJson } from '../../screen/neutralise.js';
import { Style } from '../../screen/style.js';
import { textTable } from '../../screen/text-table.js';
import type { CliSession, ClientFlags } from '../../session/cli-session.js';
import { EXIT } from '../../session/exit-code.js';
import { listOption, numberOption, parseFlags, requireCount } from '../flag-value.js';
import { pastWindow } from '../past-moment.js';

interface AuditFlags extends ClientFlags {
  readonly actor?: string;
  readonly action?: string[];
  readonly outcome?: string[];
  readonly target?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
  readonly utc?: boolean;
  readonly json?: boolean;
  readonly color: boolean;
}

const LIMIT_DEFAULT = 50;
const PAGE_MAX = 1_000;
const EXAMPLES = `
Examples:
  launchlog audit --since 1d
  launchlog audit --actor ci --outcome refused
  launchlog audit --target 550e8400-e29b-41d4-a716-446655440000 --json
`;

/** Needs an admin token. */
export function auditCommand(session: CliSession): Command {
  const command = new Command('audit')
    .description('show who did what, newest first')
    .option('--actor <name>', 'only what this person or token did')
    .option('--action <actions>', 'only these actions, such as node.launch', listOption)
    .option('--outcome <outcomes>', 'only ok, refused or failed', listOption)
    .option('--target <id>', 'only what was done to this node, rule, token or session')
    .option('--since <time>', 'since this moment: 10m, 7d, yesterday, 09:30 or RFC 3339')
    .option('--until <time>', 'until this moment')
    .option('-n, --limit <count>', 'the most entries to print', numberOption, LIMIT_DEFAULT)
    .option('--utc', 'show times in UTC')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', EXAMPLES);
  return command.action(async () => {
    const flags = command.optsWithGlobals<AuditFlags>();
    const entries = await read(session, flags);
    const { stdout, environment } = session.process;
    if (flags.json === true) for (const entry of entries) session.print(neutralJson(entry));
    else if (entries.length === 0) session.print('Nothing was recorded.');
    else session.print(auditTable(entries, Style.for(stdout, environment, flags.color), flags.utc === true));
    session.exitCode = EXIT.ok;
  });
}

async function read(session: CliSession, flags: AuditFlags): Promise<readonly AuditEntry[]> {
  requireCount(flags.limit, '--limit');
  const client = await session.client(flags);
  const query = { ...queryOf(flags), limit: Math.min(PAGE_MAX, flags.limit) };
  const entries: AuditEntry[] = [];
  for await (const entry of client.audit.list(query)) {
    entries.push(entry);
    if (entries.length === flags.limit) break;
  }
  return entries;
}

function queryOf(flags: AuditFlags): AuditQueryInput {
  const now = { nowMs: Date.now(), utc: flags.utc === true };
  const { actor, action, outcome, target } = flags;
  return parseFlags(auditQuerySchema, { actor, action, outcome, target, ...pastWindow(flags, now) }, {});
}

function auditTable(entries: readonly AuditEntry[], style: Style, utc: boolean): string {
  const rows = entries.map(({ at, actor, action, outcome, target, address, code, count }) => [
    { text: utc ? at : localTime(at) },
    { text: neutralise(actor ?? '(unknown)', false) },
    { text: neutralise(action, false) },
    {
      text: [outcome, code, count !== undefined && `×${count}`].filter(Boolean).join(' '),
      paint: outcome === 'ok' ? undefined : (text: string) => style.red(text),
    },
    { text: neutralise(target ?? '', false) },
    { text: neutralise(address, false) },
  ]);
  return textTable(['AT', 'WHO', 'ACTION', 'OUTCOME', 'TARGET', 'FROM'], rows, style);
}
