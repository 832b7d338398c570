import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { transformSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { guardedFiles } from '../guards/guarded-files.js';
import { switchRefusals } from '../guards/refusal-sites.js';
import { sqlConditions } from '../guards/sql-conditions.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const switched = guardedFiles(root).map((file) => ({ file, ...switchRefusals(file, read(file)) }));

/** The kinds and codes of the refusals in a piece of source. */
const refusalsIn = (code: string, file = 'server/src/auth/x.ts') =>
  switchRefusals(file, code).sites.map(({ kind, code: site }) => `${kind} ${site}`);

describe('the list of refusals', () => {
  test('has hundreds of them, each with an id of its own that does not depend on its line', () => {
    const ids = switched.flatMap(({ sites }) => sites.map(({ id }) => id));
    expect(ids.length).toBeGreaterThan(500);
    expect(new Set(ids).size).toBe(ids.length);
    const found = switched.find((one) => one.file.endsWith('authenticator.ts'));
    const { file, sites } = found ?? { file: '', sites: [] };
    const moved = switchRefusals(file, `\n\n${read(file)}`).sites;
    expect(moved.map(({ id }) => id)).toEqual(sites.map(({ id }) => id));
  });

  test('leaves every guarded file valid when it is switched', () => {
    for (const { file, code } of switched) {
      expect(transformSync(code, { loader: 'ts', sourcefile: file }).warnings, file).toEqual([]);
    }
  });

  test.each([
    ['if (x) throw new Error();', ['if x']],
    ['if (x) { log(); throw new Error(); }', ['if x']],
    ['function f() { if (x) return undefined; return 1; }', ['if x']],
    ['function f() { if (x) return this.#refuse(y); }', ['if x']],
    ['function f() { if (x) return 1; }', []],
    ['switch (x) { case 1: throw new Error(); }', ['throw throw new Error();']],
    ['requireScope(principal, scope);', ['call requireScope(principal, scope);']],
    ['async () => { await this.failed.admit(address); };', ['call await this.failed.admit(address);']],
    ['function f(): boolean { return a && b; }', ['true a && b', 'false a && b', 'and a', 'and b']],
    ['if (a || (b || c)) throw new Error();', ['if a || (b || c)', 'or a', 'or (b || c)', 'or b', 'or c']],
    ['const v = isOwn ? value : undefined;', ['choice isOwn']],
    ['const v = isOwn ? value : other;', []],
    ['const own = all.filter(isOwn);', ['filter all.filter(isOwn)']],
    ['const n = Math.min(wanted, MOST);', ['bound wanted', 'bound MOST']],
    ['where(and(eq(a, 1), eq(b, 2)));', ['where eq(a, 1)', 'where eq(b, 2)']],
    ['const f = (x: string): boolean => true;', ['false true']],
    [
      'const s = z.string().max(3).regex(/x/);',
      ['check z.string().max(3).regex(/x/)', 'check z.string().max(3)'],
    ],
    ['const n = Math.abs(1);', []],
  ])('finds in %j: %j', (code, expected) => {
    expect(refusalsIn(code)).toEqual(expected);
  });

  test('finds what a row of the access table demands', () => {
    const row =
      "const T = [{ rest: 'GET /x', scope: 'admin', bound: 'refused', limit: 'streams', audited: 'x' }];";
    expect(refusalsIn(row, 'server/src/edge/access-table.ts')).toEqual([
      "weaker scope: 'admin'",
      "weaker bound: 'refused'",
      "weaker limit: 'streams'",
      "weaker audited: 'x'",
    ]);
  });

  test.each([
    ['if (!belongsTo(node, query)) work();', ['belongsTo(node, query)']],
    ['const reach = requireVisible(by, query);', ['requireVisible(by, query)']],
    ['const all = [...equal(sql`l.tenant_id`, tenantId)];', ['equal(sql`l.tenant_id`, tenantId)']],
    ['const query = { ...(tenantId === undefined ? {} : { tenantId }) };', ['tenantId === undefined']],
    [
      'const isForeign = tenantId !== undefined && tenantId !== by.tenantId;',
      ['tenantId !== undefined && tenantId !== by.tenantId'],
    ],
    ['const shown = { ...(tenantId !== undefined && { tenantId }) };', []],
    ['if (a) throw new Error();', []],
  ])('finds in a file that is not guarded what binds to an owner: %j: %j', (code, expected) => {
    const owners = expected.map((site) => `owner ${site}`);
    expect(refusalsIn(code, 'server/src/feed/x.ts')).toEqual(owners);
  });

  test.each([
    ['select 1 from t where a = $1 and (b = $2 or c) order by d', ['a = $1', '(b = $2 or c)']],
    ['update t set a = 1 where id = $1::uuid and ${IS_VALID} returning id', ['id = $1::uuid', '${IS_VALID}']],
    ['select 1 where a between 1 and 2 and b', ['a between 1 and 2', 'b']],
    ['where (select 1 from u where x and y) < 3', ['x', 'y', '(select 1 from u where x and y) < 3']],
    ['select a or b from t', []],
  ])('finds the conditions of %j: %j', (statement, expected) => {
    const found = sqlConditions(statement).map(({ from, to }) => statement.slice(from, to).trim());
    expect(found).toEqual(expected);
    const code = 'const text = `' + statement + '`;';
    const inFile = refusalsIn(code, 'server/src/auth/sql-x.ts').map((site) => site.replace('where ', ''));
    expect(inFile).toEqual(expected);
  });

  test('keeps a condition in its place, so that its parameters are still used', () => {
    const { sites, code } = switchRefusals(
      'server/src/auth/sql-x.ts',
      'const text = `select 1 where a = $1`;',
    );
    const run = (off: string) =>
      runInNewContext(`${code} text;`, { __refusal: (id: string) => id === off }) as string;
    expect(run('').replaceAll(/\s+/g, ' ')).toBe('select 1 where ( a = $1 ) ');
    expect(run(sites[0]?.id ?? '').replaceAll(/\s+/g, ' ')).toBe('select 1 where ( a = $1 or true) ');
  });

  test('justifies refusals that exist only, each in words', () => {
    const justified = JSON.parse(read('test/guards/justified.json')) as Record<string, string>;
    const ids = new Set(switched.flatMap(({ sites }) => sites.map(({ id }) => id)));
    for (const [id, why] of Object.entries(justified)) {
      expect(ids.has(id), id).toBe(true);
      expect(why.split(' ').length, id).toBeGreaterThan(4);
    }
  });
});
