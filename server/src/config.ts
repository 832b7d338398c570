import { z } from 'zod';
import { ORCHESTRATOR_KINDS } from '@launchlog/shared/node';
import { SIMULATOR_SCENARIOS } from '@launchlog/shared/launch-request';

const port = z.coerce.number().int().min(0).max(65_535);
const optionalText = z.string().min(1).optional();
const url = (...schemes: readonly string[]) =>
  z
    .url()
    .refine((text) => schemes.some((scheme) => text.startsWith(`${scheme}://`)), {
      error: `must begin with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    })
    .optional();

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
  LOG_TTL_HOURS: z.coerce.number().positive().max(8_760).default(24),
  LOG_MAX_ENTRIES: z.coerce.number().int().min(10).max(1_000_000).default(10_000),
  STREAM_MAX_MINUTES: z.coerce.number().positive().max(1_440).default(30),
  HEARTBEAT_SECONDS: z.coerce.number().positive().max(300).default(15),
  SIMULATOR_SPEED: z.coerce.number().positive().max(10_000).default(1),
  SIMULATOR_SCENARIO: z.enum(SIMULATOR_SCENARIOS).default('success'),
});

export type Config = Readonly<z.output<typeof environmentSchema>>;

/** Reads the environment once, at the start. Throws an error that names every variable that cannot be used. */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const known = Object.fromEntries(
    Object.keys(environmentSchema.shape).map((name) => [name, environment[name] || undefined]),
  );
  const parsed = environmentSchema.safeParse(known);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`configuration cannot be used: ${problems.join('; ')}`);
}
