import { HttpApi } from './call/http-api.js';
import { clientSettings } from './client-options.js';
import type { LaunchlogClientOptions } from './client-options.js';
import { isOfStranger } from './error/launchlog-api-error.js';
import { toApiError } from './error/to-api-error.js';
import { exportLog } from './export-log.js';
import { pipeLog } from './launch/pipe-log.js';
import { waitUntilActive } from './launch/wait-until-active.js';
import type { LaunchlogClient } from './launchlog-client.js';
import { checkStreamOptions } from './option-check.js';
import {
  createAudit,
  createBudgets,
  createStrays,
  createMetrics,
  createNotifications,
  createSessions,
  createTokens,
} from './resource/administration.js';
import type { ClientCore } from './resource/client-core.js';
import { createDeployments, createLogs } from './resource/logs.js';
import { createNodes } from './resource/nodes.js';
import { StreamConnection } from './stream/stream-connection.js';

/** Error codes of a server that does not accept our identity. `forbidden` is not one: there the identity is known. */
const AUTHENTICATION_ERRORS: readonly string[] = [
  'missing_admin_token',
  'invalid_admin_token',
  'invalid_ticket',
  'invalid_origin',
];

/** Throws a TypeError for an option that cannot be used, which it names. Connects to nothing until the first call. */
export function createLaunchlogClient(options: LaunchlogClientOptions): LaunchlogClient {
  const settings = clientSettings(options);
  const closing = new AbortController();
  const api = new HttpApi(settings, closing.signal);
  const stream = new StreamConnection({ ...settings, probe: () => probe(api) });
  const close = async () => {
    closing.abort();
    await stream.close();
  };
  return {
    ...createCalls({ settings, api, stream, closing: closing.signal }),
    get connection() {
      return stream.state;
    },
    onConnectionChange: (listener) => stream.onChange(listener),
    close,
    [asyncDispose()]: close,
  };
}

/** Runtimes without it get a symbol that nothing else uses. */
function asyncDispose(): typeof Symbol.asyncDispose {
  return Symbol.asyncDispose ?? (Symbol.for('Symbol.asyncDispose') as typeof Symbol.asyncDispose);
}

type Calls = Omit<
  LaunchlogClient,
  'connection' | 'onConnectionChange' | 'close' | typeof Symbol.asyncDispose
>;

function createCalls(core: ClientCore): Calls {
  const nodes = createNodes(core);
  const logs = createLogs(core, nodes);
  const deployments = createDeployments(core);
  const metrics = createMetrics(core);
  const tokens = createTokens(core);
  const sessions = createSessions(core);
  const audit = createAudit(core);
  return {
    nodes,
    logs,
    deployments,
    metrics,
    tokens,
    sessions,
    audit,
    notifications: createNotifications(core),
    budgets: createBudgets(core),
    strays: createStrays(core),
    async launchAndWait(request, { onEvent, ...options } = {}) {
      checkStreamOptions({ onEvent });
      const { node } = await nodes.launch(request, options);
      return waitUntilActive(nodes, node.id, { onEvent, signal: options.signal });
    },
    waitUntilActive: (nodeId, options) => waitUntilActive(nodes, nodeId, options),
    pipeLog: (nodeId, target, options) => pipeLog(nodes, nodeId, { ...options, target }),
    doctor: (options) => core.api.query('doctor.report', undefined, options),
    exportLog: (nodeId, options) => exportLog(core, nodeId, options),
    // The groups are made of closures: none of their methods has a `this`.
    /* oxlint-disable typescript/unbound-method */
    followLog: nodes.logsStream,
    launch: nodes.launch,
    estimate: nodes.estimate,
    getNode: nodes.get,
    listNodes: nodes.list,
    cancelNode: nodes.cancel,
    terminateNode: nodes.terminate,
    retryNode: nodes.retry,
    launchMetrics: metrics.launches,
    usualPhases: metrics.phases,
    whoami: sessions.whoami,
    createToken: tokens.create,
    listTokens: tokens.list,
    revokeToken: tokens.revoke,
    followDeployment: deployments.logsStream,
    followAll: logs.streamAll,
    watchNodes: nodes.watch,
    search: logs.search,
    /* oxlint-enable typescript/unbound-method */
  };
}

/** Throws if the server is away, is not a Launchlog server, or rejects our identity. It asks once, because the connection retries by itself. */
async function probe(api: HttpApi): Promise<void> {
  try {
    await api.query('nodes.list', { limit: 1 }, { maxRetries: 0 });
  } catch (cause) {
    const error = toApiError(cause);
    if (error.unreachable || isOfStranger(error) || AUTHENTICATION_ERRORS.includes(error.code)) throw error;
  }
}
