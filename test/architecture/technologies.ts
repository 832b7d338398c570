/** Packages that only compute: any file of the server may import them. */
const PURE_PACKAGES = new Set([
  'csv-stringify/sync',
  'node:buffer',
  'node:crypto',
  'node:events',
  'node:path',
  'node:url',
  'node:util',
  're2js',
  'superjson',
  'yaml',
  'zod',
]);

interface TechnologyUse {
  /** Without its subfolders. On the server it is below `server/src`; the empty string is `server/src` itself. */
  readonly folder: string;
  readonly packages: readonly string[];
  /** Only files with such a name; every file of the folder where absent. */
  readonly files?: RegExp;
}

/** Which files of the server touch what: everything outside of this table and of `PURE_PACKAGES` is refused. */
const TECHNOLOGY_USES: readonly TechnologyUse[] = [
  { folder: '', packages: ['pino'], files: /^logger\.ts$/ },
  { folder: '', packages: ['node:fs/promises'], files: /^(?:make-folder|owner-only-file)\.ts$/ },
  { folder: '', packages: ['node:fs'], files: /^(?:explain|release)\.ts$/ },
  { folder: 'app', packages: ['node:os'] },
  { folder: 'app', packages: ['node:fs'], files: /^server-capacity\.ts$/ },
  { folder: 'archive', packages: ['@aws-sdk/client-s3'], files: /^s3-/ },
  { folder: 'archive', packages: ['node:fs/promises'], files: /^folder-/ },
  {
    folder: 'archive',
    packages: ['node:stream/promises', 'node:string_decoder', 'node:zlib'],
    files: /^packed-log\.ts$/,
  },
  { folder: 'database', packages: ['pg'], files: /^pg-/ },
  { folder: 'database', packages: ['node:worker_threads', 'node:fs/promises'], files: /^pglite-/ },
  { folder: 'database', packages: ['node:stream/promises', 'node:zlib'], files: /^pglite-prepared-/ },
  {
    folder: 'database',
    packages: ['node:fs/promises', 'node:os'],
    files: /^directory-lock\.ts$/,
  },
  {
    folder: 'database',
    packages: ['drizzle-orm', 'drizzle-orm/errors', 'drizzle-orm/pg-core', 'drizzle-orm/pg-proxy'],
    files: /^sql-/,
  },
  { folder: 'budget', packages: ['drizzle-orm', 'drizzle-orm/pg-core'], files: /^(?:sql-|budget-table)/ },
  { folder: 'estimate', packages: ['drizzle-orm'], files: /^sql-/ },
  { folder: 'stray', packages: ['drizzle-orm'], files: /^sql-/ },
  {
    folder: 'http',
    packages: [
      '@hono/node-server',
      '@hono/node-server/utils/response',
      '@hono/zod-openapi',
      'hono',
      'node:fs',
      'node:fs/promises',
      'node:http',
      'node:net',
      'node:stream',
      'node:stream/promises',
      'node:zlib',
    ],
  },
  { folder: 'doctor', packages: ['node:fs/promises'], files: /^disk-check\.ts$/ },
  { folder: 'http/route', packages: ['@hono/zod-openapi'] },
  { folder: 'http/sse', packages: ['node:http', 'node:net'] },
  { folder: 'log', packages: ['node:fs/promises'], files: /^embedded-/ },
  { folder: 'log/position', packages: ['node:fs/promises'], files: /^embedded-/ },
  { folder: 'metrics', packages: ['drizzle-orm'], files: /^(?:sql-|launch-statements)/ },
  { folder: 'metrics', packages: ['node:fs/promises'], files: /^price-table-file\.ts$/ },
  {
    folder: 'metrics',
    packages: ['prom-client'],
    files: /^(?:prometheus-|budget-gauges|redis-gauges|registry-gauges|capacity-gauges|stray-gauges)/,
  },
  { folder: 'node/count', packages: ['drizzle-orm'], files: /^sql-/ },
  { folder: 'node/page', packages: ['drizzle-orm'], files: /^sql-/ },
  { folder: 'node/upkeep', packages: ['drizzle-orm'], files: /^sql-/ },
  { folder: 'node/work', packages: ['drizzle-orm'], files: /^sql-/ },
  { folder: 'node', packages: ['drizzle-orm', 'drizzle-orm/pg-core'], files: /^(?:sql-|node-table)/ },
  {
    folder: 'notification',
    packages: ['drizzle-orm', 'drizzle-orm/pg-core'],
    files: /^(?:sql-|outbox-statements|notification-table)/,
  },
  { folder: 'notification', packages: ['nodemailer'], files: /^email-/ },
  { folder: 'notification', packages: ['standardwebhooks'], files: /^webhook-signature\.ts$/ },
  {
    folder: 'notification',
    packages: ['node:dns/promises', 'node:http', 'node:https', 'node:net'],
    files: /^(?:address-policy|host-resolver|outbound-)/,
  },
  {
    folder: 'outbound',
    packages: ['http-proxy-agent', 'https-proxy-agent', 'undici'],
    files: /^outbound-http\.ts$/,
  },
  { folder: 'outbound', packages: ['node:http', 'node:https'], files: /^plain-get\.ts$/ },
  { folder: 'orchestrator', packages: ['node:fs', 'node:fs/promises'], files: /^orchestrator-choice\.ts$/ },
  { folder: 'orchestrator/judge', packages: ['node:fs/promises'], files: /^python-of-program\.ts$/ },
  { folder: 'orchestrator/simulated', packages: ['node:http'], files: /^model-server\.ts$/ },
  { folder: 'orchestrator/skypilot', packages: ['execa', 'node:fs/promises', 'node:os'], files: /^cli-/ },
  { folder: 'rate-limit', packages: ['rate-limiter-flexible'], files: /^(?:memory|redis)-/ },
  { folder: 'redaction', packages: ['pino'], files: /^masked-error\.ts$/ },
  { folder: 'redis', packages: ['ioredis', 'node:fs'] },
  { folder: 'sign-in', packages: ['jose', 'openid-client'], files: /^openid-/ },
  { folder: 'sign-in', packages: ['node:fs/promises'], files: /^settings-file\.ts$/ },
  {
    folder: 'telemetry',
    packages: [
      '@opentelemetry/api',
      '@opentelemetry/api-logs',
      '@opentelemetry/exporter-logs-otlp-http',
      '@opentelemetry/exporter-logs-otlp-proto',
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/exporter-trace-otlp-proto',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-logs',
      '@opentelemetry/sdk-trace-base',
    ],
    files: /^otlp-/,
  },
  {
    folder: 'trpc',
    packages: [
      '@trpc/server',
      '@trpc/server/adapters/fetch',
      '@trpc/server/adapters/ws',
      '@trpc/server/rpc',
      'node:http',
      'node:stream',
      'ws',
    ],
  },
  { folder: 'trpc/event-stream', packages: ['@trpc/server'] },
  { folder: 'trpc/merged-stream', packages: ['@trpc/server'] },
  { folder: 'trpc/node-event', packages: ['@trpc/server'] },
  { folder: 'trpc/node-watch', packages: ['@trpc/server'] },
];

interface ClientTechnology {
  /** With its subfolders. */
  readonly folder: string;
  readonly packages: readonly string[];
}

/** The packages of everything but the server. A folder below another one adds to what that may import. */
const CLIENT_TECHNOLOGIES: readonly ClientTechnology[] = [
  { folder: 'shared/src', packages: ['zod'] },
  { folder: 'client-sdk/src/stream/stream-session.ts', packages: ['@trpc/client'] },
  { folder: 'client-sdk/src/node-web-socket.ts', packages: ['ws'] },
  { folder: 'client-sdk/src/react', packages: ['react'] },
  {
    folder: 'client-sdk/src/cli',
    packages: ['commander', 'node:events', 'node:fs', 'node:fs/promises', 'node:path', 'zod'],
  },
  { folder: 'client-sdk/src/cli/screen', packages: ['picocolors', 'string-width'] },
  {
    folder: 'client-sdk/src/cli/session',
    packages: [
      'http-proxy-agent',
      'https-proxy-agent',
      'node:http',
      'node:https',
      'node:os',
      'node:readline/promises',
      'node:stream',
      'node:stream/consumers',
    ],
  },
  {
    folder: 'client-sdk/src/cli/command',
    packages: ['node:stream', 'node:stream/consumers', 'node:stream/promises', 'node:zlib'],
  },
  { folder: 'client-sdk/src/cli/command/account', packages: ['node:child_process'] },
  {
    folder: 'client-sdk/src/cli/mcp',
    packages: [
      '@modelcontextprotocol/sdk/server/index.js',
      '@modelcontextprotocol/sdk/server/stdio.js',
      '@modelcontextprotocol/sdk/types.js',
    ],
  },
  { folder: 'server/console/src', packages: ['@tanstack/react-virtual', 'react', 'zod'] },
  { folder: 'server/console/src/main.tsx', packages: ['react-dom/client'] },
];

/** Whether a file may import a package by value. */
export function mayTouch(path: string, specifier: string): boolean {
  if (path.startsWith('server/src/')) return mayServerTouch(path, specifier);
  return CLIENT_TECHNOLOGIES.some(
    ({ folder, packages }) =>
      (path === folder || path.startsWith(`${folder}/`)) && packages.includes(specifier),
  );
}

function mayServerTouch(path: string, specifier: string): boolean {
  if (PURE_PACKAGES.has(specifier)) return true;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const folder = path.slice('server/src/'.length, Math.max('server/src/'.length, path.lastIndexOf('/')));
  return TECHNOLOGY_USES.some(
    (use) => use.folder === folder && use.packages.includes(specifier) && (use.files?.test(name) ?? true),
  );
}
