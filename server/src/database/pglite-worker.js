// @ts-check
// Runs PGlite in its own thread, because a query blocks the event loop of the thread it runs on. See decision 31.
// This is JavaScript, so that the sources and the build start the very same file.
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { PgliteStatements } from './pglite-statements.js';

/**
 * @typedef {{ id: number, kind: 'query', text: string, parameters: unknown[] }} QueryCall
 * @typedef {{ id: number, kind: 'script', text: string }} ScriptCall
 * @typedef {{ id: number, kind: 'close' }} CloseCall
 * @typedef {QueryCall | ScriptCall | CloseCall} WorkerCall
 * @typedef {{ id: number, rows: unknown[][] } | { id: number, error: { message: string, code?: string } }} WorkerReply
 */

const TIMESTAMPTZ = 1184;
const QUERY_OPTIONS = /** @type {const} */ ({
  rowMode: 'array',
  parsers: { [TIMESTAMPTZ]: (/** @type {string} */ text) => text },
});

/** PGlite's own default of 128 MB is for a machine of its own; what is not in it, the system caches as files. */
const START_PARAMETERS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'];

const statements = new PgliteStatements();
const { directory } = /** @type {{ directory: string }} */ (workerData);
const database = PGlite.create(directory, { startParams: START_PARAMETERS });
// The first call reports the failure; nobody may be listening before.
database.catch(() => undefined);

parentPort?.on('message', (/** @type {WorkerCall} */ call) => {
  void run(call).then(
    (rows) => reply({ id: call.id, rows }),
    (error) => reply({ id: call.id, error: { message: String(error?.message ?? error), code: error?.code } }),
  );
});

/**
 * @param {WorkerCall} call
 * @returns {Promise<unknown[][]>}
 */
async function run(call) {
  const opened = await database;
  switch (call.kind) {
    case 'query':
      return /** @type {unknown[][]} */ (await statements.query(opened, call, QUERY_OPTIONS));
    case 'script':
      await opened.exec(call.text);
      statements.forget();
      return [];
    case 'close':
      await opened.close();
      return [];
  }
}

/** @param {WorkerReply} message */
function reply(message) {
  parentPort?.postMessage(message);
}
