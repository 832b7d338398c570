import { Command } from 'commander';
import type { DoctorFinding } from '@launchlog/shared/doctor';
import { addOutput } from '../output/output-flag.js';
import type { OutputFlags } from '../output/output-flag.js';
import { printOne } from '../output/print-one.js';
import { neutralise } from '../screen/neutralise.js';
import type { Style } from '../screen/style.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';

type DoctorFlags = ClientFlags & OutputFlags;

const EXAMPLES = `
Examples:
  launchlog doctor
  launchlog doctor --json | jq '.findings[] | select(.status != "ok")'`;

export function doctorCommand(session: CliSession): Command {
  const command = new Command('doctor').description(
    'look at everything around the server, and name a remedy for what does not fit',
  );
  command.option('-q, --quiet', 'print only the names of what does not fit');
  addOutput(command, 'print the findings as JSON').addHelpText('after', EXAMPLES);
  return command.action(async () => {
    const flags = command.optsWithGlobals<DoctorFlags>();
    const report = await (await session.client(flags)).doctor();
    const text = (style: Style) => report.findings.map((finding) => findingText(finding, style)).join('\n');
    const unfit = report.findings.filter(({ status }) => status !== 'ok');
    const name = unfit.length === 0 ? 'ok' : unfit.map(({ check }) => check);
    printOne(session, flags, { item: report, text, name, rest: report });
    session.exitCode = report.status === 'fail' ? EXIT.failed : EXIT.ok;
  });
}

function findingText({ check, status, message, remedy }: DoctorFinding, style: Style): string {
  const mark = { ok: style.green, warn: style.yellow, fail: style.red }[status](status.padEnd(4));
  const lines = [`${mark}  ${neutralise(`${check}: ${message}`, false)}`];
  if (remedy !== undefined) lines.push(`      ${neutralise(remedy, false)}`);
  return lines.join('\n');
}
