import superjson from 'superjson';
import type { SuperJSONResult } from 'superjson';

/**
 * Answers are superjson; what comes in is only plain JSON with `undefined` marked. superjson revives the types that the
 * sender names (typed arrays of any length, regular expressions, errors), so those are refused before it sees them.
 */
export const transformer = {
  input: {
    serialize: (value: unknown): unknown => superjson.serialize(value),
    deserialize: deserializeInput,
  },
  output: superjson,
};

/**
 * Stands for an input that was refused. It is not thrown: over a WebSocket tRPC could not say whose input it was, and
 * the caller would wait for ever. No schema takes it, so the procedure is not called.
 */
export const REFUSED_INPUT = Symbol('refused input');
export const REFUSED_INPUT_TEXT =
  'input must be plain JSON: of the types of superjson only undefined is accepted';

/** A value without superjson's envelope is taken as it is, so that curl can call a procedure too. */
function deserializeInput(payload: unknown): unknown {
  if (!isRecord(payload) || !Object.hasOwn(payload, 'json')) return payload;
  const { json, meta } = payload;
  if (meta === undefined) return json;
  if (!isRecord(meta) || meta['referentialEqualities'] !== undefined) return REFUSED_INPUT;
  if (meta['values'] !== undefined && !marksOnlyUndefined(meta['values'])) return REFUSED_INPUT;
  try {
    return superjson.deserialize({ json, meta } as SuperJSONResult);
  } catch {
    /** It names a place that must not be set, such as `__proto__`, or one that is not there. */
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
