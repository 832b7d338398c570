import { Command } from 'commander';
import { contextCommand } from './command/account/context-command.js';
import { logoutCommand } from './command/account/logout-command.js';
import { openCommand } from './command/account/open-command.js';
import { whoamiCommand } from './command/account/whoami-command.js';
import { cancelCommand } from './command/cancel-command.js';
import { completionCommand } from './command/completion/completion-command.js';
import { liveValuesCommand } from './command/completion/live-values.js';
import { doctorCommand } from './command/doctor-command.js';
import { estimateCommand } from './command/estimate-command.js';
import { eventsCommand } from './command/events-command.js';
import { exportCommand } from './command/export-command.js';
import { getCommand } from './command/get-command.js';
import { launchCommand } from './command/launch-command.js';
import { listCommand } from './command/list-command.js';
import { loginCommand } from './command/login-command.js';
import { logsCommand } from './command/logs-command.js';
import { mcpCommand } from './mcp/mcp-command.js';
import { metricsCommand } from './command/metrics-command.js';
import { auditCommand } from './command/records/audit-command.js';
import { budgetsCommand } from './command/records/budgets-command.js';
import { notificationsCommand } from './command/records/notifications-command.js';
import { straysCommand } from './command/records/strays-command.js';
import { searchCommand } from './command/records/search-command.js';
import { retryCommand } from './command/retry-command.js';
import { sessionsCommand } from './command/sessions-command.js';
import { terminateCommand } from './command/terminate-command.js';
import { tokensCommand } from './command/tokens-command.js';
import { waitCommand } from './command/wait-command.js';
import type { CliSession } from './session/cli-session.js';

const HELP = `
Environment:
  LAUNCHLOG_URL      address of the server (default http://127.0.0.1:8080)
  LAUNCHLOG_TOKEN    the token to use
  LAUNCHLOG_CONTEXT  a server that was saved by this name
  NO_COLOR           disables colours

Exit codes:
  0    the launch is active, or the command succeeded
  1    the launch failed, or the server refused the request
  2    usage error
  3    no server answers, or it denies access
  124  wait: the time of --timeout is over
  130  interrupted; the launch continues

Examples:
  launchlog login --url https://launchlog.example.com
  launchlog launch --provider aws --region us-west-2 --gpu A100 --model meta-llama/Llama-2-7b-chat-hf --follow
  launchlog logs -f 550e8400
`;

/** All commands, one file each. */
export function createProgram(session: CliSession, version: string): Command {
  const program = new Command('launchlog')
    .description('Launch GPU nodes and follow everything that happens until they serve.')
    .version(version)
    .option('--url <address>', 'address of the server')
    .option('--context <name>', 'a server that was saved by this name')
    .option('--no-color', 'disable colours')
    .addHelpText('after', HELP);
  const commands = [
    loginCommand(session),
    logoutCommand(session),
    whoamiCommand(session),
    contextCommand(session),
    launchCommand(session),
    estimateCommand(session),
    logsCommand(session),
    listCommand(session),
    getCommand(session),
    eventsCommand(session),
    cancelCommand(session),
    retryCommand(session),
    terminateCommand(session),
    waitCommand(session),
    exportCommand(session),
    searchCommand(session),
    metricsCommand(session),
    auditCommand(session),
    notificationsCommand(session),
    openCommand(session),
    doctorCommand(session),
    tokensCommand(session),
    sessionsCommand(session),
    budgetsCommand(session),
    straysCommand(session),
    mcpCommand(session, version),
    completionCommand(session, program),
  ];
  for (const command of commands) program.addCommand(withGlobalFlags(command));
  program.addCommand(withGlobalFlags(liveValuesCommand(session)), { hidden: true });
  return program;
}

/** Shows `--url` and `--no-color` in the help of the command too: both are accepted before and after it. */
function withGlobalFlags(command: Command): Command {
  for (const inner of command.commands) withGlobalFlags(inner);
  return command.configureHelp({ showGlobalOptions: true });
}
