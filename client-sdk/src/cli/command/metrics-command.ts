import { Command } from 'commander';
import { LAUNCH_DIMENSIONS, launchMetricsQuerySchema } from '@launchlog/shared/launch-metrics';
import type { LaunchMetrics, LaunchMetricsQueryInput } from '@launchlog/shared/launch-metrics';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import { addOutput } from '../output/output-flag.js';
import type { OutputFlags } from '../output/output-flag.js';
import { printOne } from '../output/print-one.js';
import { metricsTable } from '../screen/metrics-table.js';
import type { CliSession, ClientFlags } from '../session/cli-session.js';
import { EXIT } from '../session/exit-code.js';
import { listOption, parseFlags } from './flag-value.js';
import { pastWindow } from './past-moment.js';

interface MetricsFlags extends ClientFlags, OutputFlags {
  readonly since?: string;
  readonly until?: string;
  readonly provider?: string;
  readonly region?: string;
  readonly gpu?: string;
  readonly model?: string;
  readonly orchestrator?: string;
  readonly deployment?: string;
  readonly createdBy?: string;
  readonly by?: string[];
}

const EXAMPLES = `
Examples:
  launchlog metrics --since 7d
  launchlog metrics --by provider,day --gpu A100
  launchlog metrics --json | jq .total.successRate
`;

export function metricsCommand(session: CliSession): Command {
  const command = new Command('metrics')
    .description('show times, success, failures and cost of launches')
    .option(
      '--since <time>',
      'launches since this moment: 10m, 7d, 1w ago, 09:30, yesterday, 2026-01-31 or RFC 3339',
    )
    .option('--until <time>', 'launches before this moment')
    .option('--provider <name>', 'only launches on this cloud')
    .option('--region <name>', 'only launches in this region')
    .option('--gpu <name>', 'only launches with this accelerator')
    .option('--model <name>', 'only launches of this model')
    .option('--orchestrator <kind>', 'only launches by this orchestrator, such as simulated')
    .option('--deployment <id>', 'only launches of this deployment')
    .option('--created-by <name>', 'only launches that this person or token asked for')
    .option('-q, --quiet', 'print only the names of the groups')
    .option('--by <names>', `group by any of ${LAUNCH_DIMENSIONS.join(', ')}`, listOption);
  addOutput(command, 'print all metrics as JSON').addHelpText('after', EXAMPLES);
  return command.action(async () => {
    const flags = command.optsWithGlobals<MetricsFlags>();
    const query = metricsQueryOf(flags, Date.now());
    const metrics = await (await session.client(flags)).launchMetrics(query);
    const { stdout } = session.process;
    const columns = flags.output === 'wide' || !stdout.isTTY ? undefined : stdout.columns;
    printOne(session, flags, {
      item: metrics,
      text: (style) => metricsTable(metrics, { style, columns }),
      name: metrics.groups.map(({ group }) => Object.values(group).join(' ')),
      rest: restMetrics(metrics),
    });
    session.exitCode = EXIT.ok;
  });
}

function restMetrics({ total, groups, ...others }: LaunchMetrics): object {
  return {
    ...snakeCaseKeys(others),
    total: snakeCaseKeys(total),
    groups: groups.map((group) => snakeCaseKeys(group)),
  };
}

function metricsQueryOf(flags: MetricsFlags, nowMs: number): LaunchMetricsQueryInput {
  const given = {
    ...pastWindow(flags, { nowMs, utc: false }),
    provider: flags.provider,
    region: flags.region,
    gpu: flags.gpu,
    model: flags.model,
    orchestrator: flags.orchestrator,
    deploymentId: flags.deployment,
    createdBy: flags.createdBy,
    groupBy: flags.by,
  };
  return parseFlags(launchMetricsQuerySchema, given, {
    groupBy: '--by',
    deploymentId: '--deployment',
    createdBy: '--created-by',
  });
}
