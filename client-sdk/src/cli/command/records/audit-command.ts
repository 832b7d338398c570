import { Command } from 'commander';
import { auditQuerySchema } from '@launchlog/shared/audit';
import type { AuditEntry, AuditQueryInput } from '@launchlog/shared/audit';
import { addOutput } from '../../output/output-flag.js';
import type { OutputFlags } from '../../output/output-flag.js';
import { printItems } from '../../output/print-items.js';
import { localTime } from '../../screen/local-time.js';
import { itemTable } from '../../screen/text-table.js';
import type { ItemColumn } from '../../screen/text-table.js';
import type { CliSession, ClientFlags } from '../../session/cli-session.js';
import { EXIT } from '../../session/exit-code.js';
import { listOption, numberOption, parseFlags, requireCount, requireFilled } from '../flag-value.js';
import { pastWindow } from '../past-moment.js';

interface AuditFlags extends ClientFlags, OutputFlags {
  readonly actor?: string;
  readonly action?: string[];
  readonly outcome?: string[];
  readonly target?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
  readonly utc?: boolean;
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
    .option('-q, --quiet', 'print only ids');
  addOutput(command).addHelpText('after', EXAMPLES);
  return command.action(async () => {
    const flags = command.optsWithGlobals<AuditFlags>();
    const entries = await read(session, flags);
    printItems(session, flags, {
      items: entries,
      list: 'entries',
      nameOf: ({ id, action }) => (flags.quiet === true ? String(id) : action),
      table: (items, options) => itemTable(items, columnsIn(flags.utc === true), options),
      none: 'Nothing was recorded.',
    });
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
  requireFilled({ actor, action, outcome, target });
  return parseFlags(auditQuerySchema, { actor, action, outcome, target, ...pastWindow(flags, now) }, {});
}

function columnsIn(utc: boolean): readonly ItemColumn<AuditEntry>[] {
  return [
    { title: 'AT', text: ({ at }) => (utc ? at : localTime(at)), rank: 1 },
    { title: 'WHO', text: ({ actor = '(unknown)' }) => actor, rank: 2 },
    { title: 'ACTION', text: ({ action }) => action, rank: 0 },
    {
      title: 'OUTCOME',
      text: ({ outcome, code, count }) =>
        [outcome, code, count !== undefined && `×${count}`].filter(Boolean).join(' '),
      paint: ({ outcome }, text, style) => (outcome === 'ok' ? text : style.red(text)),
      rank: 3,
    },
    { title: 'TARGET', text: ({ target = '' }) => target, rank: 4 },
    { title: 'FROM', text: ({ address }) => address ?? '', rank: 5 },
  ];
}
