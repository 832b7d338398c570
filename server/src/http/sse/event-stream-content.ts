import { z } from 'zod';
import {
  doneSchema,
  errorEventSchema,
  gapSchema,
  noticeSchema,
  resetSchema,
  runtimeEndSchema,
  runtimeLineSchema,
  statusEventSchema,
} from '@launchlog/shared/event';
import { logEntrySchema } from '@launchlog/shared/log-entry';
import { nodeEventSchema } from '@launchlog/shared/node-event';
import { capitalised } from '../capitalised.js';

/** Names the event in generated clients, and what its `data` holds. */
type StreamedEvents = Readonly<Record<string, z.ZodObject>>;

/** The events of one log, by the `event` of their frames. */
export const LOG_EVENTS: StreamedEvents = {
  log: logEntrySchema,
  status: statusEventSchema,
  error: errorEventSchema,
  gap: gapSchema,
  reset: resetSchema,
  notice: noticeSchema,
  done: doneSchema,
};

const nodeId = z.uuid();

/** The events of many logs. Each names its node, except for notices about the whole stream and its end. */
export const MERGED_EVENTS: StreamedEvents = {
  ...Object.fromEntries(
    Object.entries(LOG_EVENTS).map(([name, schema]) => [
      name,
      schema.extend({ node_id: name === 'notice' ? nodeId.optional() : nodeId }),
    ]),
  ),
  end: z.object({ message: z.string() }),
};

/** The events of a node. */
export const NODE_EVENTS: StreamedEvents = {
  event: nodeEventSchema,
  reset: resetSchema,
  notice: noticeSchema,
};

/** The events of the output of a running node. None has an `id`. */
export const RUNTIME_EVENTS: StreamedEvents = { line: runtimeLineSchema, done: runtimeEndSchema };

/** Frames that carry an `id`, from which a reader resumes. */
const WITH_ID: ReadonlySet<string> = new Set(['log', 'done', 'event', 'end']);

/**
 * Describes a stream: as text, because OpenAPI 3.1 cannot describe more, and in `x-item-schema` each of its frames, as
 * OpenAPI 3.2 does in `itemSchema`. `prefix` names the components of their data: `LogStream` for `LogStreamGap`.
 */
export function eventStreamContent(prefix: string, events: StreamedEvents) {
  const items = Object.entries(events).map(([name, schema]) => ({
    type: 'object',
    properties: {
      event: { const: name },
      ...(WITH_ID.has(name) && { id: { type: 'string', description: 'The position after it' } }),
      data: {
        type: 'string',
        contentMediaType: 'application/json',
        contentSchema: { title: `${prefix}${capitalised(name)}`, ...dataOf(schema) },
      },
    },
    required: ['event', 'data'],
  }));
  return {
    description: `Server-sent events: ${Object.keys(events).join(', ')}`,
    content: { 'text/event-stream': { schema: z.string(), 'x-item-schema': { oneOf: items } } },
  };
}

function dataOf(schema: z.ZodObject): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  // A newer server may add fields.
  return { ...rest, additionalProperties: true };
}
