import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildWorkspaces } from '../../support/package/built-workspaces.js';
import { AppProcess } from '../../support/server/app-process.js';
import { INTERFACE_CHANGES } from '../../support/source/interface-changes.js';
import { BUILD_MS } from '../../support/within.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const released = join(root, 'test/fixtures/released-0.1.0');

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Prose may be reworded, and a regular expression is written down beside its sentence. */
const PROSE = new Set(['description', 'summary', 'title', 'example', 'examples', 'x-item-schema']);

function unlisted(found: readonly string[]): string[] {
  return found.filter((each) => !INTERFACE_CHANGES.some(({ difference }) => difference.test(each)));
}

/**
 * Every place where two documents differ, prose aside: `paths./admin/nodes.get.responses.200: gone`. Arrays of names
 * (enums, required) are compared as sets.
 */
function differences(before: Json, after: Json, path = ''): string[] {
  if (isObject(before) && isObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
      (key) => !PROSE.has(key),
    );
    return keys.flatMap((key) => {
      const [one, other] = [before[key], after[key]];
      const place = path === '' ? key : `${path}.${key}`;
      if (one === undefined) return [`${place}: new`];
      return other === undefined ? [`${place}: gone`] : differences(one, other, place);
    });
  }
  if (
    Array.isArray(before) &&
    Array.isArray(after) &&
    before.length === after.length &&
    before.some(isObject)
  ) {
    return before.flatMap((each, index) => differences(each, after[index] ?? null, `${path}[${index}]`));
  }
  return canonical(before) === canonical(after)
    ? []
    : [`${path}: ${canonical(before)} became ${canonical(after)}`];
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).toSorted().join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([key]) => !PROSE.has(key));
  return `{${entries
    .map(([key, each]) => `${key}:${canonical(each)}`)
    .toSorted()
    .join(',')}}`;
}

const SCHEMAS = '#/components/schemas/';

/** A schema that got a name of its own since is compared where it is used, as it was in the released document. */
function withoutNewNames(document: Json, before: Json): Json {
  const old = schemasOf(before);
  const schemas = schemasOf(document);
  const inlined = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(inlined);
    if (!isObject(value)) return value;
    const { $ref: ref, ...rest } = value;
    const name = typeof ref === 'string' && ref.startsWith(SCHEMAS) ? ref.slice(SCHEMAS.length) : undefined;
    const named = name === undefined || name in old ? undefined : schemas[name];
    if (named !== undefined) return inlined({ ...(isObject(named) ? named : {}), ...rest });
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, inlined(each)]));
  };
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => name in old));
  const { components, ...rest } = isObject(document) ? document : {};
  return inlined({ ...rest, components: { ...(isObject(components) ? components : {}), schemas: kept } });
}

function schemasOf(document: Json): { readonly [key: string]: Json } {
  const components = isObject(document) ? document['components'] : undefined;
  const schemas = isObject(components) ? components['schemas'] : undefined;
  return isObject(schemas) ? schemas : {};
}

function releasedFile(name: string): Json {
  return JSON.parse(readFileSync(join(released, name), 'utf8')) as Json;
}

describe('the interface of release 0.1.0', () => {
  beforeAll(() => buildWorkspaces(), BUILD_MS);

  test('has the same REST API today, apart from the listed changes', { timeout: BUILD_MS }, async () => {
    const app = await AppProcess.start();
    try {
      const document = (await (await app.fetch('/openapi.json')).json()) as Json;
      const before = releasedFile('openapi.json');
      expect(unlisted(differences(before, withoutNewNames(document, before)))).toEqual([]);
    } finally {
      await app.close();
    }
  });

  test(
    'has the same procedures, inputs and answers today, apart from the listed changes',
    { timeout: BUILD_MS },
    async () => {
      const module = (await import(join(released, 'router-shape.mjs'))) as {
        routerShape: (checkout: string) => Promise<Json>;
      };
      expect(unlisted(differences(releasedFile('router.json'), await module.routerShape(root)))).toEqual([]);
    },
  );
});

test('a field that is gone, new or of another type is found', () => {
  const before = { fields: { id: 'string', state: ['a', 'b'], old: 'string' }, description: 'words' };
  const after = { fields: { id: 'number', state: ['b', 'a'], young: 'string' }, description: 'other words' };
  expect(differences(before, after)).toEqual([
    'fields.id: "string" became "number"',
    'fields.old: gone',
    'fields.young: new',
  ]);
});
