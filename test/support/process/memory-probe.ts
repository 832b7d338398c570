import { renameSync, writeFileSync } from 'node:fs';

/** Loaded before a server that is measured: on SIGUSR2 it collects garbage and writes down what is left. */
const file = `${process.env['MEMORY_FILE'] ?? ''}.${process.pid}`;
process.on('SIGUSR2', () => {
  globalThis.gc?.();
  globalThis.gc?.();
  writeFileSync(`${file}.new`, JSON.stringify(process.memoryUsage()));
  renameSync(`${file}.new`, file);
});
