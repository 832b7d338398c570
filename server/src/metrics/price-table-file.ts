import { readFile } from 'node:fs/promises';
import { ZodError } from 'zod';
import { priceTableSchema, type PriceTable } from './price-table.js';

/** Reads the operator's prices at the start. Without a path the table is empty; throws if the file cannot be used. */
export async function readPriceTable(path: string | undefined): Promise<PriceTable> {
  if (path === undefined) return {};
  try {
    return priceTableSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new Error(`PRICE_TABLE ${path} cannot be used: ${problemOf(error)}`, { cause: error });
  }
}

function problemOf(error: unknown): string {
  if (error instanceof ZodError) {
    return error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
