// @ts-check
// Runs PGlite in its own thread, because a query blocks the event loop of the thread it runs on. See decision 31.
// This is JavaScript, so that the sources and the build start the very same file.
import { setFlagsFromString } from 'node:v8';
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

/**
 * How much of a function V8 runs, in bytes, before it compiles it once more to run faster; its own 2 or 13 MB make it compile
 * for a second of CPU time what only the start runs. What a busy server runs reaches this too, within seconds. See decision 202.
 */
const TIERING_BUDGET = 100_000_000;
// Code of the database that has been compiled keeps its budget: this comes before all of it.
setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);

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
