import { Command } from 'commander';
import type { DoctorFinding } from '@launchlog/shared/doctor';
import { neutralise, neutralJson } from '../screen/neutralise.js';
import { Style } from '../screen/style.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';

interface DoctorFlags extends ClientFlags {
  readonly json?: boolean;
  readonly color: boolean;
}

const EXAMPLES = `
Examples:
  launchlog doctor
  launchlog doctor --json | jq '.findings[] | select(.status != "ok")'`;

export function doctorCommand(session: CliSession): Command {
  const command = new Command('doctor')
    .description('look at everything around the server, and name a remedy for what does not fit')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', EXAMPLES);
  return command.action(async () => {
    const flags = command.optsWithGlobals<DoctorFlags>();
    const report = await (await session.client(flags)).doctor();
    const style = Style.for(session.process.stdout, session.process.environment, flags.color);
    const text = report.findings.map((finding) => findingText(finding, style)).join('\n');
    session.print(flags.json === true ? neutralJson(report) : text);
    session.exitCode = report.status === 'fail' ? EXIT.failed : EXIT.ok;
  });
}

function findingText({ check, status, message, remedy }: DoctorFinding, style: Style): string {
  const mark = { ok: style.green, warn: style.yellow, fail: style.red }[status](status.padEnd(4));
  const lines = [`${mark}  ${neutralise(`${check}: ${message}`, false)}`];
  if (remedy !== undefined) lines.push(`      ${neutralise(remedy, false)}`);
  return lines.join('\n');
}
