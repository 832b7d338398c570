import { z } from 'zod';
import { logFilterSchema, logQuerySchema } from './log-query.js';

export const EXPORT_FORMATS = ['csv', 'json', 'ndjson', 'text'] as const;
export const exportFormatSchema = z.enum(EXPORT_FORMATS, {
  error: `must be one of ${EXPORT_FORMATS.join(', ')}`,
});
export type ExportFormat = z.infer<typeof exportFormatSchema>;

/** A log as a file: all that is held of it and matches, or the last `tail` of that. */
export const logExportQuerySchema = z.strictObject({
  ...logFilterSchema.shape,
  format: exportFormatSchema,
  tail: logQuerySchema.shape.tail.unwrap().optional(),
  /** The file itself is compressed and its name says so; without it the transfer is, where the client offers that. */
  gzip: z.boolean({ error: 'must be true or false' }).default(false),
});
export type LogExportQuery = z.output<typeof logExportQuerySchema>;
