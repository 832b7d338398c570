import { resolve, sep } from 'node:path';
import type { Config } from '../config.js';
import { NodeStoreUnavailableError } from '../database/sql-database.js';

type StartSettings = Pick<Config, 'HOST' | 'PORT' | 'DATA_DIR' | 'DATABASE_URL'>;

const CERTIFICATE_REMEDY =
  '. Name the file of its certificate authority by sslrootcert= in DATABASE_URL, or by NODE_EXTRA_CA_CERTS';

/** The reason why a start failed, for an operator. Names the variable to change, if there is one. */
export function startProblem(error: unknown, settings: StartSettings): string {
  if (!(error instanceof Error)) return String(error);
  const { syscall, path } = error as NodeJS.ErrnoException;
  if (syscall === 'listen' || syscall === 'getaddrinfo') return listenProblem(error, settings);
  if (path !== undefined && isInside(path, settings.DATA_DIR)) {
    return `DATA_DIR ${settings.DATA_DIR} cannot be used: ${error.message}. Name a folder that this user may write to`;
  }
  if (error instanceof NodeStoreUnavailableError && settings.DATABASE_URL !== undefined) {
    const remedy = /certificate|altname/i.test(error.message) ? CERTIFICATE_REMEDY : '';
    return `the database of DATABASE_URL cannot be used: ${error.message}${remedy}`;
  }
  return error.message;
}

function listenProblem(error: NodeJS.ErrnoException, { HOST, PORT }: StartSettings): string {
  if (error.code === 'EADDRINUSE') {
    return `PORT ${PORT} is in use on ${HOST}: stop what listens there, or set PORT to another one`;
  }
  if (error.code === 'EACCES') return `PORT ${PORT} needs rights that this user has not: set PORT above 1023`;
  return `HOST ${HOST} is no address of this machine (${error.message})`;
}

function isInside(path: string, folder: string): boolean {
  const whole = resolve(folder);
  return (
    resolve(path) === whole || resolve(path).startsWith(whole + sep) || whole.startsWith(resolve(path) + sep)
  );
}
