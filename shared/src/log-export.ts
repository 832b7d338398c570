import { z } from 'zod';
import { flag, oneOf } from './field-rule.js';
import { logFilterSchema, logQuerySchema } from './log-query.js';

export const EXPORT_FORMATS = ['csv', 'json', 'ndjson', 'text'] as const;
export const exportFormatSchema = oneOf(EXPORT_FORMATS);
export type ExportFormat = z.infer<typeof exportFormatSchema>;

/** A log as a file: all that is held of it and matches, or the last `tail` of that. */
export const logExportQuerySchema = z.strictObject({
  ...logFilterSchema.shape,
  format: exportFormatSchema,
  tail: logQuerySchema.shape.tail.unwrap().optional(),
  /** The file itself is compressed and its name says so; without it the transfer is, where the client offers that. */
  gzip: flag().default(false),
});
export type LogExportQuery = z.output<typeof logExportQuerySchema>;
