import superjson from 'superjson';
import type { SuperJSONResult } from 'superjson';
import { serializeOutput } from './output/serialized-output.js';

/**
 * Output is superjson; input is plain JSON in which `undefined` may be marked. superjson revives any type that the sender
 * names (typed arrays of any length, regular expressions, errors), so input that names another type is refused first. See
 * decision 42.
 */
export const transformer = {
  input: {
    serialize: (value: unknown): unknown => superjson.serialize(value),
    deserialize: deserializeInput,
  },
  output: {
    serialize: serializeOutput,
    deserialize: (payload: SuperJSONResult): unknown => superjson.deserialize(payload),
  },
};

/**
 * Stands for refused input. Throwing instead would leave the caller waiting: over a WebSocket tRPC would not know which
 * call to answer. No schema accepts it, so the procedure does not run.
 */
export const REFUSED_INPUT = Symbol('refused input');
export const REFUSED_INPUT_TEXT =
  'input must be plain JSON: of the types of superjson only undefined is accepted';

/** Accepts a value without superjson's envelope, so that curl can call a procedure. */
function deserializeInput(payload: unknown): unknown {
  if (!isRecord(payload) || !Object.hasOwn(payload, 'json')) return payload;
  const { json, meta } = payload;
  if (meta === undefined) return json;
  if (!isRecord(meta) || meta['referentialEqualities'] !== undefined) return REFUSED_INPUT;
  if (meta['values'] !== undefined && !marksOnlyUndefined(meta['values'])) return REFUSED_INPUT;
  try {
    return superjson.deserialize({ json, meta } as SuperJSONResult);
  } catch {
    /** It names a property that must not be set, such as `__proto__`, or one that does not exist. */
    return REFUSED_INPUT;
  }
}

function marksOnlyUndefined(annotations: unknown): boolean {
  if (Array.isArray(annotations)) return annotations.length === 1 && annotations[0] === 'undefined';
  return isRecord(annotations) && Object.values(annotations).every(marksOnlyUndefined);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
