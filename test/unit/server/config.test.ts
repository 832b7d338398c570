import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ENVIRONMENT_VARIABLES, readConfig } from '@launchlog/server/config';

describe('configuration', () => {
  test('an empty environment gives the documented defaults', () => {
    expect(readConfig({})).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 8080,
      DATA_DIR: './data',
      ORCHESTRATOR: 'auto',
    });
  });

  test('an empty value counts as none', () => {
    expect(readConfig({ PORT: '', REDIS_URL: '' })).toMatchObject({ PORT: 8080 });
  });

  test('every variable that cannot be used is named, and a value that may be secret is not repeated', () => {
    const read = () =>
      readConfig({ PORT: '70000', DATABASE_URL: 'mysql://user:hunter2@db/x', HEARTBEAT_SECONDS: 'soon' });
    expect(read).toThrow(
      /PORT.*DATABASE_URL: must begin with postgres.*HEARTBEAT_SECONDS|PORT.*HEARTBEAT_SECONDS.*DATABASE_URL/s,
    );
    expect(read).not.toThrow(/hunter2/);
  });

  test('the table in the README names every variable, and no other', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const [, table = ''] = readme.split('## Configuration');
    const named = [...table.matchAll(/^\| `([A-Z][A-Z0-9_]+)`/gm)].map(([, name]) => name);
    expect(named.toSorted(byName)).toEqual([...ENVIRONMENT_VARIABLES].toSorted(byName));
  });
});

function byName(one: string | undefined, other: string | undefined): number {
  return (one ?? '').localeCompare(other ?? '');
}
