import { pino, type Logger as PinoLogger } from 'pino';
import { maskedError } from './redaction/masked-error.js';

export type Logger = PinoLogger;

export const SERVER_LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Keys whose values are never written to the server's own log, at the first two levels of an object. */
const SECRET_KEYS = [
  'token',
  'adminToken',
  'authorization',
  'cookie',
  'ticket',
  'secret',
  'secrets',
  'password',
];

/** Logs JSON lines to standard error. Standard output is left to people. */
export function createLogger(level: (typeof SERVER_LOG_LEVELS)[number]): Logger {
  const paths = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `headers["${key}"]`]);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: maskedError },
      redact: { paths: [...paths, 'headers["x-admin-token"]'], censor: '[redacted]' },
    },
    pino.destination({ dest: 2, sync: false }),
  );
}
