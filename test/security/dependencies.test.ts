import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const AUDIT_WITHIN_MS = 45_000;
const run = promisify(execFile);

/**
 * Advisories that this service would be open to, by the first version without them. Where the registry answers
 * `npm audit` it knows more; this table is what holds where it does not.
 */
const ADVISORIES: readonly { readonly name: string; readonly first: string; readonly why: string }[] = [
  {
    name: 'ws',
    first: '8.21.0',
    why: 'memory held by floods of tiny fragments; 8.20.1: uninitialised memory in close()',
  },
  {
    name: '@trpc/server',
    first: '11.8.0',
    why: 'CVE-2025-68130 prototype pollution; CVE-2025-43855 crash by a WebSocket',
  },
  { name: '@trpc/client', first: '11.8.0', why: 'kept with the server' },
  {
    name: 'superjson',
    first: '2.2.2',
    why: 'CVE-2022-23631 before 1.8.1; denial of service by `__proto__` before 2.2.2',
  },
  {
    name: 'hono',
    first: '4.10.3',
    why: 'CVE-2025-62610 tokens for another audience; body limit bypass before 4.9.7',
  },
  { name: 'pg', first: '8.0.0', why: 'code execution by column names before 7.1.2' },
  { name: 'yaml', first: '2.2.2', why: 'CVE-2023-2251 uncaught exception' },
  { name: 'nodemailer', first: '7.0.7', why: 'mail to an unintended domain' },
  { name: 'vite', first: '7.1.5', why: 'files outside the root are served in development' },
  { name: 'drizzle-orm', first: '0.45.2', why: 'SQL injection by identifiers' },
];

interface LockedPackage {
  readonly version?: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}
interface LockFile {
  readonly packages: Record<string, LockedPackage>;
}
const lock = JSON.parse(readFileSync(`${ROOT}package-lock.json`, 'utf8')) as LockFile;

test.each(ADVISORIES)('$name is locked at $first or later everywhere ($why)', ({ name, first }) => {
  const versions = Object.entries(lock.packages)
    .filter(([path]) => path.endsWith(`node_modules/${name}`) && !path.startsWith('test/'))
    .map(([, { version }]) => version ?? '0.0.0');
  expect(versions.length).toBeGreaterThan(0);
  expect(versions.filter((version) => isBefore(version, first))).toEqual([]);
});

test(
  'npm audit finds nothing in what is shipped, if the registry supports it',
  { timeout: 60_000 },
  async () => {
    const { report, refusal } = await audit();
    if (report === undefined) {
      console.warn(
        `\n!!! npm audit was NOT run: the registry does not answer it (${refusal}).\n!!! Only the committed table of advisories was checked.\n`,
      );
    }
    expect(report === undefined).toBe(refusal !== '');
    const shipped = shippedNames();
    expect(shipped).toContain('hono');
    expect(Object.keys(report?.vulnerabilities ?? {}).filter((name) => shipped.has(name))).toEqual([]);
  },
);

interface AuditReport {
  readonly vulnerabilities: Record<string, unknown>;
}

/**
 * What the published packages and the console are made of. The bundles inline `devDependencies`, so `--omit=dev` would
 * overlook them.
 */
function shippedNames(): Set<string> {
  const names = new Set<string>();
  const add = (path: string): void => {
    const { dependencies, devDependencies, optionalDependencies } = lock.packages[path] ?? {};
    const wanted = { ...dependencies, ...optionalDependencies, ...devDependencies };
    for (const name of Object.keys(wanted).filter((each) => !names.has(each))) {
      names.add(name);
      add(`node_modules/${name}`);
    }
  };
  for (const workspace of ['shared', 'server', 'server/console', 'client-sdk']) add(workspace);
  return names;
}

/** npm exits with 1 for findings as for a registry that refuses; only its JSON distinguishes them. */
async function audit(): Promise<{ report?: AuditReport; refusal: string }> {
  try {
    const { stdout } = await run('npm', ['audit', '--json'], {
      cwd: ROOT,
      timeout: AUDIT_WITHIN_MS,
    });
    return { report: JSON.parse(stdout) as AuditReport, refusal: '' };
  } catch (error) {
    const { stdout = '', message } = error as Error & { stdout?: string };
    const answer = (stdout.startsWith('{') ? JSON.parse(stdout) : {}) as Partial<AuditReport> & {
      message?: string;
    };
    if (answer.vulnerabilities !== undefined) return { report: answer as AuditReport, refusal: '' };
    return {
      refusal:
        (answer.message ?? message).split('\n')[0]?.replaceAll(/https?:\/\/\S+/g, 'the registry') ??
        'no reason',
    };
  }
}

function isBefore(version: string, first: string): boolean {
  const [one, other] = [version, first].map((text) => text.split(/[.-]/).slice(0, 3).map(Number));
  for (let part = 0; part < 3; part += 1) {
    const difference = (one?.[part] ?? 0) - (other?.[part] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
