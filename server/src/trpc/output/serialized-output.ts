import superjson from 'superjson';
import type { SuperJSONResult } from 'superjson';

/**
 * What superjson makes of a value. Nearly all output is a tree of plain JSON values, which superjson would copy node by node to
 * come to the same result: such a tree is taken as it is.
 */
export function serializeOutput(value: unknown): SuperJSONResult {
  return isJsonTree(value, new Set())
    ? { json: value as SuperJSONResult['json'] }
    : superjson.serialize(value);
}

/** Whether superjson takes the value as it is. `seen`: the objects above and before it. superjson marks one that stands in two places. */
export function isJsonTree(value: unknown, seen: Set<object>): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  return typeof value === 'object' && isJsonBranch(value, seen);
}

function isJsonBranch(value: object, seen: Set<object>): boolean {
  if (seen.has(value)) return false;
  seen.add(value);
  if (Array.isArray(value)) {
    // Not `every`, which passes over holes.
    for (const item of value as unknown[]) if (!isJsonTree(item, seen)) return false;
    return true;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const [name, item] of Object.entries(value)) {
    if (REFUSED_NAMES.has(name) || !isJsonTree(item, seen)) return false;
  }
  return true;
}

/** superjson throws for these. */
const REFUSED_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
