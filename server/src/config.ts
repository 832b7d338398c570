import { z } from 'zod';
import { ORCHESTRATOR_KINDS } from '@launchlog/shared/node';
import { SIMULATOR_SCENARIOS } from '@launchlog/shared/launch-request';
import { childEnvironment } from './child-environment.js';
import { SERVER_LOG_LEVELS } from './logger.js';
import { misspelledVariables } from './misspelled-variables.js';
import { TRACE_ID_PLACE } from './trace-context.js';

/** Messages state what a value must be. `readConfig` puts the name of the variable in front. */
function wholeNumber(min: number, max: number) {
  const error = `must be a whole number from ${min} to ${max}`;
  const text = z.string().trim().regex(/^\d+$/, { error, abort: true });
  return text.transform(Number).refine((number) => number >= min && number <= max, { error });
}

/** For intervals and deadlines. The minimum keeps the server from spending all of its time on them. */
function numberFrom(min: number, max: number) {
  const error = `must be a number from ${min} to ${max}`;
  return decimal(error).refine((number) => number >= min && number <= max, { error });
}

/** JavaScript also accepts blank text and `0x10` as numbers. Here they are more likely mistakes. */
function decimal(error: string) {
  const text = z
    .string()
    .trim()
    .regex(/^\d+(?:\.\d+)?$/, { error, abort: true });
  return text.transform(Number);
}

function oneOf<const Values extends readonly string[]>(...values: Values) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}

function requiredUrl(...schemes: readonly string[]) {
  const beginnings = schemes.map((scheme) => `${scheme}://`);
  const isUrl = (text: string) =>
    URL.canParse(text) && beginnings.some((beginning) => text.startsWith(beginning));
  const error = `must be a URL that begins with ${beginnings.join(' or ')}`;
  return z.string().refine(isUrl, { error });
}

function url(...schemes: readonly string[]) {
  return requiredUrl(...schemes).optional();
}

/** A comma-separated list. */
function list(item: RegExp, what: string) {
  const each = z.array(z.string().regex(item, { error: `must name ${what}, separated by commas` }));
  return z.string().default('').transform(partsOf).pipe(each);
}

function someOf<const Values extends readonly string[]>(...values: Values) {
  const each = z.enum(values, { error: `must name some of ${values.join(', ')}, separated by commas` });
  return z.string().default('').transform(partsOf).pipe(z.array(each));
}

function partsOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** A proxy as curl accepts it: `proxy.example.com:3128` is `http://proxy.example.com:3128`. */
const proxy = z
  .string()
  .trim()
  .transform((text) => (text.includes('://') ? text : `http://${text}`))
  .pipe(requiredUrl('http', 'https'))
  .optional();
const optionalText = z.string().min(1).optional();
/** Refuses the headers of other credentials, and headers that clients send themselves. */
const headerName = z
  .string()
  .regex(
    /^(?!(?:authorization|cookie|x-admin-token|host|origin|forwarded|x-forwarded-(?:for|host|proto))$)[a-z0-9-]{1,100}$/i,
    {
      error:
        'must be the name of a header that only the proxy sends, such as X-Forwarded-User or Remote-User',
    },
  )
  .optional();
const flag = oneOf('true', 'false').transform((text) => text === 'true');
/** An origin as browsers send it: in lower case and without a path. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/;
const NETWORK = /^[0-9a-fA-F:.]+(?:\/\d{1,3})?$/;
const HOST_AND_PORT = /^(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** With such a path in PUBLIC_URL, a request whose prefix a proxy has removed would look like one that still has it. */
const OWN_PATH =
  /^\/+(?:admin|trpc|session|nodes|deployments|logs|assets|metrics|launch-metrics|healthz|readyz|openapi\.json)(?:\/|$)/;
const SENDER = /^(?:[^\r\n<>]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/;

function isOwnPath(url = ''): boolean {
  return URL.canParse(url) && OWN_PATH.test(new URL(url).pathname);
}

/** Every environment variable that the server reads. A test compares it with the table in the README. */
const environmentSchema = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: wholeNumber(0, 65_535).default(8080),
  ADMIN_TOKEN: optionalText,
  DATA_DIR: z.string().default('./data'),
  REDIS_URL: optionalText,
  DATABASE_URL: url('postgres', 'postgresql'),
  ORCHESTRATOR: oneOf('auto', ...ORCHESTRATOR_KINDS).default('auto'),
  SKYPILOT_API_SERVER_ENDPOINT: url('http', 'https'),
  SKYPILOT_SERVICE_ACCOUNT_TOKEN: optionalText,
  SKYPILOT_OTHER_REGIONS: flag.default(false),
  SKYPILOT_ENVIRONMENT: list(VARIABLE, 'environment variables'),
  LOG_TTL_HOURS: numberFrom(0.001, 8_760).default(24),
  LOG_MAX_ENTRIES: wholeNumber(10, 1_000_000).default(10_000),
  LOG_MAX_BYTES: wholeNumber(65_536, 134_217_728).default(8_388_608),
  STREAM_MAX_MINUTES: numberFrom(0.01, 1_440).default(30),
  HEARTBEAT_SECONDS: numberFrom(0.1, 300).default(15),
  SIMULATOR_SPEED: numberFrom(0.0001, 10_000).default(1),
  SIMULATOR_SCENARIO: oneOf(...SIMULATOR_SCENARIOS).default('success'),
  SIMULATOR_FATE_MINUTES: numberFrom(0, 10_000).default(5),
  SIMULATOR_STRAYS: someOf('ours', 'foreign', 'unlabelled'),
  LOG_LEVEL: oneOf(...SERVER_LOG_LEVELS).default('info'),
  ALLOWED_ORIGINS: list(ORIGIN, 'origins such as https://console.example.org (no path, no slash at the end)'),
  TRUSTED_PROXIES: list(NETWORK, 'addresses or networks such as 10.0.0.0/8'),
  COOKIE_SECURE: flag.default(false),
  SECRETS_KEY: optionalText,
  MAX_RUNNING_LAUNCHES: wholeNumber(1, 10_000).default(8),
  /** Undefined: as many as open files allow. See `readServerCapacity`. */
  MAX_STREAMS: wholeNumber(1, 1_000_000).optional(),
  MAX_CONNECTIONS_PER_ADDRESS: wholeNumber(10, 1_000_000).default(2_000),
  MAX_BODY_BYTES: wholeNumber(1_024, 67_108_864).default(1_048_576),
  REQUESTS_PER_MINUTE: wholeNumber(1, 10_000_000).default(6_000),
  REQUESTS_PER_MINUTE_AND_ADDRESS: wholeNumber(1, 10_000_000).default(30_000),
  LAUNCHES_PER_MINUTE: wholeNumber(1, 100_000).default(60),
  FAILED_SIGN_INS_PER_MINUTE: wholeNumber(1, 100_000).default(20),
  SMTP_URL: url('smtp', 'smtps'),
  NOTIFICATION_FROM: z
    .string()
    .regex(SENDER, { error: 'must be an address, or Name <address>' })
    .default('Launchlog <launchlog@localhost>'),
  NOTIFICATION_ALLOWED_HOSTS: list(HOST_AND_PORT, 'hosts as host or host:port'),
  PUBLIC_URL: url('http', 'https').refine((text) => !isOwnPath(text), {
    error: 'must not have a path of this server, such as /admin or /nodes: choose another one',
  }),
  HTTP_PROXY: proxy,
  HTTPS_PROXY: proxy,
  NO_PROXY: optionalText,
  OTEL_SDK_DISABLED: flag.default(false),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url('http', 'https'),
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: url('http', 'https'),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf('http/protobuf', 'http/json').default('http/protobuf'),
  OTEL_TRACES_EXPORTER: oneOf('otlp', 'none').default('otlp'),
  OTEL_LOGS_EXPORTER: oneOf('otlp', 'none').default('otlp'),
  TRACE_URL_TEMPLATE: url('http', 'https').refine((text) => text?.includes(TRACE_ID_PLACE) !== false, {
    error: `must have ${TRACE_ID_PLACE} where the id of the trace belongs`,
  }),
  OIDC_ISSUER: url('http', 'https'),
  OIDC_CLIENT_ID: optionalText,
  OIDC_CLIENT_SECRET: optionalText,
  OIDC_CLIENT_SECRET_FILE: optionalText,
  OIDC_SCOPES: z
    .string()
    .regex(/^openid(?: [!#-[\]-~]+)*$/, {
      error: 'must be scopes separated by single spaces, of which the first is openid',
    })
    .default('openid profile email'),
  OIDC_LABEL: z
    .string()
    .min(1)
    .max(60, { error: 'must have at most 60 characters' })
    .default('single sign-on'),
  OIDC_NAME_CLAIM: optionalText,
  OIDC_ROLES: optionalText,
  OIDC_ROLES_FILE: optionalText,
  IDENTITY_HEADER: headerName,
  IDENTITY_EMAIL_HEADER: headerName,
  IDENTITY_GROUPS_HEADER: headerName,
  IDENTITY_JWKS_URL: url('http', 'https'),
  IDENTITY_AUDIENCE: optionalText,
  IDENTITY_ISSUER: optionalText,
  PRICE_TABLE: optionalText,
  METRICS_TOKEN: optionalText,
  ARCHIVE_URL: optionalText,
  ARCHIVE_RETENTION_DAYS: numberFrom(0.0001, 36_500).default(90),
  AUDIT_RETENTION_DAYS: numberFrom(1, 36_500).optional(),
  NODE_RETENTION_DAYS: numberFrom(1, 36_500).optional(),
  PROVISIONING_TIMEOUT_MINUTES: numberFrom(0.01, 1_440).default(60),
  INSTALLING_TIMEOUT_MINUTES: numberFrom(0.01, 1_440).default(30),
  MODEL_LOADING_TIMEOUT_MINUTES: numberFrom(0.01, 1_440).default(60),
  HEALTH_CHECK_TIMEOUT_MINUTES: numberFrom(0.01, 1_440).default(15),
  LEASE_SECONDS: numberFrom(2, 600).default(10),
  WATCH_INTERVAL_SECONDS: numberFrom(0.5, 3_600).default(30),
});

/** The names of all variables. */
export const ENVIRONMENT_VARIABLES: readonly string[] = Object.keys(environmentSchema.shape);

export interface Config extends Readonly<z.output<typeof environmentSchema>> {
  /** The entire environment of child processes. */
  readonly childEnvironment: Readonly<Record<string, string>>;
  /** Sentences about variables without effect whose name is nearly one of ours. */
  readonly warnings: readonly string[];
}

/** Reads the environment once, at the start. Throws an error that names every variable that cannot be used. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const known = Object.fromEntries(
    Object.keys(environmentSchema.shape).map((name) => [name, valueOf(environment, name)]),
  );
  const parsed = environmentSchema.safeParse(known);
  if (parsed.success) {
    const { SKYPILOT_ENVIRONMENT: added } = parsed.data;
    return {
      ...parsed.data,
      childEnvironment: childEnvironment(environment, added),
      warnings: misspelledVariables(namesOf(environment), ENVIRONMENT_VARIABLES),
    };
  }
  const problems = parsed.error.issues.map((issue) => `${String(issue.path[0])} ${issue.message}`);
  throw new Error([...new Set(problems)].join('; '));
}

/** Programs write the names of these in either case. */
const LOWER_CASE_TOO: ReadonlySet<string> = new Set(['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']);

function valueOf(environment: NodeJS.ProcessEnv, name: string): string | undefined {
  const lower = LOWER_CASE_TOO.has(name) ? environment[name.toLowerCase()] : undefined;
  return lower || environment[name] || undefined;
}

function namesOf(environment: NodeJS.ProcessEnv): string[] {
  return Object.keys(environment).filter(
    (name) => name !== name.toLowerCase() || !LOWER_CASE_TOO.has(name.toUpperCase()),
  );
}
