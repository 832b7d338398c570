import { z } from 'zod';
import { ORCHESTRATOR_KINDS } from '@launchlog/shared/node';
import { SIMULATOR_SCENARIOS } from '@launchlog/shared/launch-request';
import { SERVER_LOG_LEVELS } from './logger.js';

const port = z.coerce.number().int().min(0).max(65_535);
const minutes = z.coerce.number().positive().max(1_440);
const optionalText = z.string().min(1).optional();
const url = (...schemes: readonly string[]) =>
  z
    .url()
    .refine((text) => schemes.some((scheme) => text.startsWith(`${scheme}://`)), {
      error: `must begin with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    })
    .optional();

/** Comma-separated. */
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');

/** Every environment variable the server reads. The table in the README is held against it by a test. */
const environmentSchema = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(8080),
  ADMIN_TOKEN: optionalText,
  DATA_DIR: z.string().default('./data'),
  REDIS_URL: optionalText,
  DATABASE_URL: url('postgres', 'postgresql'),
  ORCHESTRATOR: z.enum(['auto', ...ORCHESTRATOR_KINDS]).default('auto'),
  SKYPILOT_API_SERVER_ENDPOINT: url('http', 'https'),
  SKYPILOT_SERVICE_ACCOUNT_TOKEN: optionalText,
  SKYPILOT_OTHER_REGIONS: flag.default(false),
  LOG_TTL_HOURS: z.coerce.number().positive().max(8_760).default(24),
  LOG_MAX_ENTRIES: z.coerce.number().int().min(10).max(1_000_000).default(10_000),
  STREAM_MAX_MINUTES: z.coerce.number().positive().max(1_440).default(30),
  HEARTBEAT_SECONDS: z.coerce.number().positive().max(300).default(15),
  SIMULATOR_SPEED: z.coerce.number().positive().max(10_000).default(1),
  SIMULATOR_SCENARIO: z.enum(SIMULATOR_SCENARIOS).default('success'),
  LOG_LEVEL: z.enum(SERVER_LOG_LEVELS).default('info'),
  ALLOWED_ORIGINS: list,
  TRUSTED_PROXIES: list,
  COOKIE_SECURE: flag.default(false),
  SECRETS_KEY: optionalText,
  MAX_RUNNING_LAUNCHES: z.coerce.number().int().min(1).max(1_000).default(8),
  MAX_STREAMS: z.coerce.number().int().min(1).max(1_000_000).default(20_000),
  MAX_BODY_BYTES: z.coerce.number().int().min(1_024).max(67_108_864).default(1_048_576),
  REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).max(10_000_000).default(6_000),
  REQUESTS_PER_MINUTE_AND_ADDRESS: z.coerce.number().int().min(1).max(10_000_000).default(30_000),
  LAUNCHES_PER_MINUTE: z.coerce.number().int().min(1).max(100_000).default(60),
  FAILED_SIGN_INS_PER_MINUTE: z.coerce.number().int().min(1).max(100_000).default(20),
  SMTP_URL: url('smtp', 'smtps'),
  NOTIFICATION_FROM: z.string().default('Launchlog <launchlog@localhost>'),
  NOTIFICATION_ALLOWED_HOSTS: list,
  PUBLIC_URL: url('http', 'https'),
  PRICE_TABLE: optionalText,
  METRICS_TOKEN: optionalText,
  ARCHIVE_URL: optionalText,
  ARCHIVE_RETENTION_DAYS: z.coerce.number().positive().max(36_500).default(90),
  PROVISIONING_TIMEOUT_MINUTES: minutes.default(60),
  INSTALLING_TIMEOUT_MINUTES: minutes.default(30),
  MODEL_LOADING_TIMEOUT_MINUTES: minutes.default(60),
  HEALTH_CHECK_TIMEOUT_MINUTES: minutes.default(15),
  LEASE_SECONDS: z.coerce.number().min(2).max(600).default(10),
});

/** Their names, for the README's table. */
export const ENVIRONMENT_VARIABLES: readonly string[] = Object.keys(environmentSchema.shape);

export interface Config extends Readonly<z.output<typeof environmentSchema>> {
  /** What programs that we start get to see: everything but our own variables, which hold secrets. */
  readonly childEnvironment: Readonly<Record<string, string>>;
}

/** Reads the environment once, at the start. Throws an error that names every variable that cannot be used. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const known = Object.fromEntries(
    Object.keys(environmentSchema.shape).map((name) => [name, environment[name] || undefined]),
  );
  const parsed = environmentSchema.safeParse(known);
  if (parsed.success) return { ...parsed.data, childEnvironment: childEnvironmentOf(environment) };
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`configuration cannot be used: ${problems.join('; ')}`);
}

function childEnvironmentOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  const own = new Set(ENVIRONMENT_VARIABLES.filter((name) => !name.startsWith('SKYPILOT_')));
  const entries = Object.entries(environment).filter(([name]) => !own.has(name));
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
