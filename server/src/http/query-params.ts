import type { z } from 'zod';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { snakeCase } from '@launchlog/shared/wire-case';
import { parseInput } from '../edge/input-problem.js';

/**
 * Reads the parameters that a schema names, in snake_case. Ignores others, because old scripts, browsers and proxies add
 * some; the response names them (`ignoredParams`). A list is repeated (`?level=warn&level=error`) or separated by commas (`?level=warn,error`).
 */
export function readQuery<Schema extends z.ZodObject>(
  schema: Schema,
  params: URLSearchParams,
): z.output<Schema> {
  const given: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(schema.shape)) {
    const name = snakeCase(key);
    const values = params.getAll(name);
    const [first] = values;
    if (first === undefined) continue;
    const kind = kindOf(field as z.core.$ZodType);
    if (kind === 'array') {
      given[key] = values.flatMap((value) => value.split(',')).map((value) => value.trim());
      continue;
    }
    if (values.length > 1) throw new LaunchlogError('invalid_request', `'${name}' must be given once`);
    given[key] = readValue(kind, first);
  }
  return parseInput(schema, given, snakeCase);
}

/** A value that cannot be converted stays text, which the schema then refuses with its own message. */
function readValue(kind: string, text: string): unknown {
  switch (kind) {
    case 'number':
      return /^-?[0-9]{1,15}(\.[0-9]{1,15})?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return BOOLEANS.get(text.toLowerCase()) ?? text;
    case 'timestamp':
      return withPlus(text);
    default:
      return text;
  }
}

const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** An unescaped plus in a query means a space, and people do not escape the offset of a timestamp. */
function withPlus(text: string): string {
  return text.replace(/ (\d\d:\d\d)$/, '+$1');
}

function kindOf(schema: z.core.$ZodType): string {
  const definition = schema._zod.def as {
    type: string;
    /** The type of an optional field, or of one with a default. */
    innerType?: z.core.$ZodType;
    /** The input type of a transformed field. */
    in?: z.core.$ZodType;
    format?: string;
  };
  const inner = definition.innerType ?? definition.in;
  if (inner !== undefined) return kindOf(inner);
  return definition.format === 'datetime' ? 'timestamp' : definition.type;
}
