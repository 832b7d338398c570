import { format, resolveConfig } from 'prettier';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createAppRouter } from '@launchlog/server/trpc/router';
import { logStreamEventSchema, runtimeLogEventSchema } from '@launchlog/shared/event';
import { mergedLogEventSchema } from '@launchlog/shared/merged-log';
import { nodeEventItemSchema } from '@launchlog/shared/node-event';
import { nodeWatchEventSchema } from '@launchlog/shared/node-watch';
import { procedureFacts } from '../support/server/procedure-facts.js';
import type { ProcedureFacts } from '../support/server/procedure-facts.js';

const PAGE = '../../docs/trpc-reference.md';
const HEAD = `# tRPC reference

Made from the router and its schemas; \`npx vitest run --root test docs-trpc-reference -u\` updates this page. What the
procedures answer, and how to call them, is in [tRPC](trpc.md).
`;

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What an input field may be, in few words. */
function typeOf(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) {
    return choices.map((choice) => typeOf(choice as JsonSchema)).join(' or ');
  }
  switch (schema.type) {
    case 'array':
      return `list of ${typeOf(schema.items as JsonSchema)}`;
    case 'object':
      return objectType(schema);
    case 'integer':
    case 'number':
      return `${schema.type === 'integer' ? 'whole number' : 'number'}${rangeOf(schema)}`;
    case 'string':
      return textType(schema);
    case 'boolean':
    case 'null':
      return schema.type;
    case undefined:
      return 'anything';
  }
  return 'anything';
}

function objectType(schema: JsonSchema): string {
  const { properties } = schema;
  if (properties === undefined) return 'object of names and values';
  const required = new Set(schema.required);
  const fields = Object.entries(properties).map(
    ([name, field]) => `\`${name}${required.has(name) ? '' : '?'}\`: ${typeOf(field as JsonSchema)}`,
  );
  return `{ ${fields.join('; ')} }`;
}

function rangeOf({ minimum, maximum }: JsonSchema): string {
  const known = (bound: number | undefined) =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (known(minimum) && known(maximum)) return `, ${minimum} to ${maximum}`;
  if (known(minimum)) return `, at least ${minimum}`;
  return known(maximum) ? `, at most ${maximum}` : '';
}

function textType({ format: textFormat, maxLength, pattern }: JsonSchema): string {
  const kind = textFormat === 'date-time' ? 'RFC 3339 time' : textFormat === 'uuid' ? 'UUID' : 'text';
  const bound = maxLength === undefined ? '' : `, at most ${maxLength} characters`;
  const isTold = pattern === undefined || kind !== 'text';
  return `${kind}${bound}${isTold ? '' : `, \`${pattern.replaceAll('|', '\\|')}\``}`;
}

function renderProcedure({ path, type, scope, inputs }: ProcedureFacts): string {
  const [input] = inputs;
  const head = `## ${path}\n\n${type}, scope \`${scope}\`.\n`;
  if (input === undefined) return `${head}\nNo input.\n`;
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const required = new Set(schema.required);
  const rows = Object.entries(schema.properties ?? {}).map(([name, raw]) => {
    const field = raw as JsonSchema;
    const value =
      field.default === undefined
        ? required.has(name)
          ? 'required'
          : ''
        : `\`${JSON.stringify(field.default)}\``;
    return `| \`${name}\` | ${value} | ${typeOf(field)} |`;
  });
  return `${head}\n| input | default | what |\n| - | - | - |\n${rows.join('\n')}\n`;
}

const EVENTS = [
  ['nodes.logsStream', logStreamEventSchema],
  ['deployments.logsStream and logs.streamAll', mergedLogEventSchema],
  ['nodes.eventsStream', nodeEventItemSchema],
  ['nodes.runtimeLogs', runtimeLogEventSchema],
  ['nodes.watch', nodeWatchEventSchema],
] as const;

/** What each subscription yields, with the fields of each event. */
function renderEvents([path, schema]: (typeof EVENTS)[number]): string {
  const { oneOf = [] } = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  const rows = (oneOf as JsonSchema[]).map((event) => {
    const { type, ...fields } = (event.properties ?? {}) as Record<string, JsonSchema>;
    const required = new Set(event.required);
    const parts = Object.entries(fields).map(([name, field]) => {
      const inner = Object.keys(field.properties ?? {}).map((key) => `\`${key}\``);
      const known = inner.length === 0 ? typeOf(field) : inner.join(', ');
      return `\`${name}${required.has(name) ? '' : '?'}\`: ${name === 'nodes' || name === 'node' ? 'as in lists' : known}`;
    });
    return `| \`${String(type?.const)}\` | ${parts.join('; ')} |`;
  });
  return `### Events of ${path}\n\n| type | fields |\n| - | - |\n${rows.join('\n')}\n`;
}

describe('the tRPC reference', () => {
  test('matches the router and its schemas', async () => {
    const procedures = procedureFacts(createAppRouter({} as never));
    const sections = procedures
      .toSorted((one, other) => (one.path < other.path ? -1 : 1))
      .map((procedure) => renderProcedure(procedure));
    const options = { ...(await resolveConfig(import.meta.filename)), parser: 'markdown' };
    const page = await format(
      [HEAD, ...sections, '## Events\n', ...EVENTS.map(renderEvents)].join('\n'),
      options,
    );
    expect(procedures.length).toBeGreaterThan(15);
    await expect(page).toMatchFileSnapshot(PAGE);
  });
});
