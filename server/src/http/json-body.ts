import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { LaunchlogError } from '@launchlog/shared/error-code';
import { camelCaseKeys, snakeCase } from '@launchlog/shared/wire-case';
import { parseInput, PROBLEMS_MAX, unknownField } from '../edge/input-problem.js';
import { readBody } from '../edge/request-body.js';

interface JsonBodyOptions {
  readonly maxBytes: number;
  /** Treats a missing body as an empty object. */
  readonly optional?: boolean;
}

/** Reads a snake_case body and ignores its Content-Type: the documented `curl -d` sends that of a form. */
export async function readJsonBody<Schema extends z.ZodType>(
  incoming: IncomingMessage,
  schema: Schema,
  options: JsonBodyOptions,
): Promise<z.output<Schema>> {
  const bytes = await readBody(incoming, options.maxBytes);
  const body = bytes.length === 0 && options.optional === true ? {} : parseJson(bytes);
  const misspelt = Object.keys(body).filter((key) => snakeCase(key) !== key);
  if (misspelt.length > 0) {
    const problems = misspelt.slice(0, PROBLEMS_MAX).map(unknownField);
    throw new LaunchlogError('invalid_request', problems.join('; '));
  }
  return parseInput(schema, camelCaseKeys(body), snakeCase);
}

function parseJson(bytes: Buffer): object {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new LaunchlogError('invalid_json', 'the body is not valid JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LaunchlogError('invalid_request', 'the body must be a JSON object');
  }
  return value;
}
