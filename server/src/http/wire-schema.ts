import { z } from '@hono/zod-openapi';
import { ERROR_CODES } from '@launchlog/shared/error-code';
import type { ErrorCode } from '@launchlog/shared/error-code';
import { snakeCase } from '@launchlog/shared/wire-case';

/** The same object with REST's names, for the OpenAPI document: it cannot drift from the schema that parses. */
export function snakeCaseSchema(schema: z.ZodObject): z.ZodObject {
  return z.object(
    Object.fromEntries(Object.entries(schema.shape).map(([key, field]) => [snakeCase(key), field])),
  ) as z.ZodObject;
}

export function jsonContent(description: string, schema: z.ZodType) {
  return { description, content: { 'application/json': { schema } } };
}

const errorSchema = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
      missing_secrets: z
        .array(z.string())
        .optional()
        .describe(
          'Names of the secrets that a retry must provide, because they are not kept after a launch.',
        ),
      issues: z
        .array(z.object({ path: z.array(z.union([z.string(), z.int()])), message: z.string() }))
        .optional()
        .describe('The fields that cannot be used: the path of each, and what it must be.'),
    }),
  })
  .openapi('Error');

/** The error responses that a route documents. */
export function errorResponses(...codes: ErrorCode[]) {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = ERROR_CODES[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [status, jsonContent(same.join(', '), errorSchema)]),
  );
}
