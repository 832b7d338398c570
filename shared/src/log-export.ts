import { z } from 'zod';
import { flag, oneOf } from './field-rule.js';
import { logFilterSchema, logQuerySchema } from './log-query.js';

export const EXPORT_FORMATS = ['csv', 'json', 'ndjson', 'text'] as const;
const exportFormatSchema = oneOf(EXPORT_FORMATS);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

/** A log as a file: all entries that are kept and match, or the last `tail` of them. */
export const logExportQuerySchema = z.strictObject({
  ...logFilterSchema.shape,
  format: exportFormatSchema,
  tail: logQuerySchema.shape.tail.unwrap().optional(),
  /** Compresses the file itself, and its name ends with `.gz`. Without it only the transfer is compressed, if the client offers that. */
  gzip: flag().default(false),
});
export type LogExportQuery = z.output<typeof logExportQuerySchema>;
