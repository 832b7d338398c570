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
    expect(read).toThrow(/PORT must .*DATABASE_URL must be .* postgres:.*HEARTBEAT_SECONDS must /s);
    expect(read).not.toThrow(/hunter2/);
  });

  test.each([
    ['PORT', 'http', 'must be a whole number from 0 to 65535'],
    ['PORT', ' ', 'must be a whole number from 0 to 65535'],
    ['PORT', '0x10', 'must be a whole number from 0 to 65535'],
    ['SIMULATOR_SPEED', '0', 'must be a number from 0.0001 to 10000'],
    ['SIMULATOR_SPEED', 'Infinity', 'must be a number from 0.0001 to 10000'],
    ['HEARTBEAT_SECONDS', '0.000001', 'must be a number from 0.1 to 300'],
    ['STREAM_MAX_MINUTES', '0.0001', 'must be a number from 0.01 to 1440'],
    ['LOG_TTL_HOURS', '0.0000001', 'must be a number from 0.001 to 8760'],
    ['LOG_MAX_BYTES', '65535', 'must be a whole number from 65536 to 134217728'],
    ['LOG_MAX_BYTES', '134217729', 'must be a whole number from 65536 to 134217728'],
    ['LEASE_SECONDS', '1', 'must be a number from 2 to 600'],
    ['COOKIE_SECURE', 'yes', 'must be one of true, false'],
    ['ORCHESTRATOR', 'sky', 'must be one of auto, skypilot-api, skypilot-cli, simulated'],
    ['PUBLIC_URL', 'example.com', 'must be a URL that begins with http:// or https://'],
    ['ALLOWED_ORIGINS', 'https://a.example/,b', /^ALLOWED_ORIGINS must name origins such as .*commas$/],
    ['TRUSTED_PROXIES', 'proxy', 'must name addresses or networks such as 10.0.0.0/8, separated by commas'],
    ['NOTIFICATION_ALLOWED_HOSTS', 'http://a/b', 'must name hosts as host or host:port, separated by commas'],
    ['NOTIFICATION_FROM', 'Launchlog', 'must be an address, or Name <address>'],
  ])('%s=%s is refused with what it must be, once', (name, value, must) => {
    const expected = typeof must === 'string' ? `${name} ${must}` : must;
    expect(() => readConfig({ [name]: value })).toThrow(expected);
    expect(() => readConfig({ [name]: value })).not.toThrow(/;/);
  });

  test('lists and numbers are taken with the spaces that people write', () => {
    const read = readConfig({
      PORT: ' 9000 ',
      HEARTBEAT_SECONDS: '0.5',
      ALLOWED_ORIGINS: 'https://a.example:8443, http://[::1]:3000',
      TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      NOTIFICATION_ALLOWED_HOSTS: 'hooks.local, [::1]:9000',
      NOTIFICATION_FROM: 'ops@example.org',
    });
    expect(read).toMatchObject({
      PORT: 9000,
      HEARTBEAT_SECONDS: 0.5,
      TRUSTED_PROXIES: ['10.0.0.0/8', '::1'],
    });
    expect(read.ALLOWED_ORIGINS).toEqual(['https://a.example:8443', 'http://[::1]:3000']);
    expect(read.NOTIFICATION_ALLOWED_HOSTS).toEqual(['hooks.local', '[::1]:9000']);
  });

  test.each([
    ['HEARTBEAT_SECOND', 'HEARTBEAT_SECONDS'],
    ['REDIS_ULR', 'REDIS_URL'],
    ['DATABASES_URL', 'DATABASE_URL'],
    ['ADNIN_TOKEN', 'ADMIN_TOKEN'],
    ['admin_token', 'ADMIN_TOKEN'],
    ['EDIS_URL', 'REDIS_URL'],
  ])('%s is warned of, because it is nearly %s', (name, meant) => {
    const { warnings } = readConfig({ [name]: 'x' });
    expect(warnings).toEqual([`${name} has no effect: there is a variable ${meant}`]);
  });

  test.each(['HOME', 'POST', 'HOSTS', 'AWS_REGION', 'DATABASE', 'REDIS_HOST', 'TOKEN'])(
    '%s is a variable of somebody else and is not mentioned',
    (name) => expect(readConfig({ [name]: 'x' }).warnings).toEqual([]),
  );

  test('the table in the README names every variable, and no other', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const [, table = ''] = readme.split('## Configuration');
    const named = [...table.matchAll(/^\| `([A-Z][A-Z0-9_]+)`/gm)].map(([, name]) => name);
    expect(named.toSorted(byName)).toEqual([...ENVIRONMENT_VARIABLES].toSorted(byName));
  });

  test('a public URL below a path of the server itself is refused', () => {
    expect(readConfig({ PUBLIC_URL: 'https://x.example/launchlog/admin' }).PUBLIC_URL).toBeDefined();
    for (const path of ['admin', 'admin/launchlog', 'nodes/', '/trpc']) {
      expect(() => readConfig({ PUBLIC_URL: `https://x.example/${path}` })).toThrow(
        'PUBLIC_URL must not have a path of this server',
      );
    }
  });
});

function byName(one: string | undefined, other: string | undefined): number {
  return (one ?? '').localeCompare(other ?? '');
}
