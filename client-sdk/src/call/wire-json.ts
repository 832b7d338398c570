/**
 * How tRPC's values travel here: `{ json, meta }` as superjson writes them. Input is plain JSON. Among what an answer may
 * mark, `undefined` and dates are restored, and a mark that is not known leaves the value as it is.
 */
export const wireJson = {
  serialize: (value: unknown): unknown => ({ json: value }),
  deserialize(payload: unknown): unknown {
    if (!isRecord(payload) || !('json' in payload)) return payload;
    const { json, meta } = payload;
    const root = { value: json };
    if (isRecord(meta)) restore(root, ['value'], meta['values']);
    return root.value;
  },
};

/** `marks` is `[type]` for the value at the path, or an object from paths below it to marks. */
function restore(root: object, path: readonly string[], marks: unknown): void {
  if (Array.isArray(marks)) {
    const [type, below] = marks;
    if (typeof type === 'string') replace(root, path, type);
    if (isRecord(below)) restore(root, path, below);
    return;
  }
  if (!isRecord(marks)) return;
  for (const [key, inner] of Object.entries(marks)) restore(root, [...path, ...stepsOf(key)], inner);
}

/** Dots separate the steps of a path; a dot or a backslash within a name has a backslash in front. */
function stepsOf(key: string): string[] {
  const steps = [''];
  for (const [token, escaped] of key.matchAll(/\\(.)|[^]/g)) {
    if (token === '.') steps.push('');
    else steps[steps.length - 1] += escaped ?? token;
  }
  return steps;
}

function replace(root: object, path: readonly string[], type: string): void {
  let parent: unknown = root;
  for (const step of path.slice(0, -1)) {
    if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, step)) return;
    parent = (parent as Record<string, unknown>)[step];
  }
  const name = path.at(-1) ?? '';
  if (!isRecord(parent) || !Object.hasOwn(parent, name)) return;
  if (type === 'undefined') parent[name] = undefined;
  if (type === 'Date') parent[name] = new Date(String(parent[name]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
