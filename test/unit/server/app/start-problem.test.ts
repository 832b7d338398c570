import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { startProblem } from '@launchlog/server/app/start-problem';
import { provideAdminToken } from '@launchlog/server/auth/admin-token-file';
import { NodeStoreUnavailableError } from '@launchlog/server/database/sql-database';

const SETTINGS = { HOST: '127.0.0.1', PORT: 8080, DATA_DIR: './data', DATABASE_URL: undefined };
const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

describe('why a start failed', () => {
  test('a port that is in use is named, with what to do', async () => {
    const { port } = await listening('127.0.0.1', 0);
    const error = await listening('127.0.0.1', port).catch((failure: unknown) => failure);
    expect(startProblem(error, { ...SETTINGS, PORT: port })).toBe(
      `PORT ${port} is in use on 127.0.0.1: stop what listens there, or set PORT to another one`,
    );
  });

  test('a host that is no address of this machine is named', async () => {
    const HOST = '192.0.2.1'; // kept for documentation: nobody has it
    const error = await listening(HOST, 0).catch((failure: unknown) => failure);
    expect(startProblem(error, { ...SETTINGS, HOST })).toMatch(`HOST ${HOST} is no address of this machine`);
  });

  test('a data folder that cannot be made or written to is named', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'launchlog-start-'));
    open.push(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const DATA_DIR of [file, join(file, 'data')]) {
      const error = await provideAdminToken(undefined, DATA_DIR).catch((failure: unknown) => failure);
      expect(startProblem(error, { ...SETTINGS, DATA_DIR })).toMatch(`DATA_DIR ${DATA_DIR} cannot be used: `);
    }
  });

  test('a database that is away is named as the variable that points to it', () => {
    const error = new NodeStoreUnavailableError('PostgreSQL cannot be reached: refused');
    const problem = startProblem(error, { ...SETTINGS, DATABASE_URL: 'postgres://u:hunter2@db/x' });
    expect(problem).toBe(
      'the database of DATABASE_URL cannot be used: PostgreSQL cannot be reached: refused',
    );
  });

  test('a database whose certificate nobody vouches for is named with what to do', () => {
    const error = new NodeStoreUnavailableError('PostgreSQL cannot be reached: self-signed certificate');
    const problem = startProblem(error, { ...SETTINGS, DATABASE_URL: 'postgres://db/x' });
    expect(problem).toMatch(/self-signed certificate\. Name the file .* sslrootcert= in DATABASE_URL/);
  });

  test('anything else is printed as it is', () => {
    expect(startProblem(new Error('PRICE_TABLE is no JSON'), SETTINGS)).toBe('PRICE_TABLE is no JSON');
    expect(startProblem('odd', SETTINGS)).toBe('odd');
  });
});

function listening(host: string, port: number): Promise<{ port: number }> {
  const server: Server = createServer();
  open.push(() => server.close());
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => resolve(server.address() as { port: number }));
  });
}
