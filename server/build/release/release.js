import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setRelease } from './set-release.js';
import { PUBLISHED, softwareBill } from './software-bill.js';

/*
 * Makes a release: the version in every file, all tests, the packages, the chart, a bill of materials for each package and
 * checksums of it all, in `.cache/release/<version>`. It publishes nothing and commits nothing: it prints what is left.
 */

const root = fileURLToPath(new URL('../../..', import.meta.url));
const CHART = 'docs/deployment/helm/launchlog';
const [version, ...options] = process.argv.slice(2);

try {
  await release();
} catch (error) {
  process.stderr.write(`No release was made: ${error.message}\n`);
  process.exitCode = 1;
}

async function release() {
  if (version === undefined) throw new Error('name its version: npm run release -- 0.2.0 [--skip-tests]');
  const changed = execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' }).trim();
  if (changed !== '') throw new Error(`commit these changes first:\n${changed}`);
  await setRelease(root, { version, date: new Date().toISOString().slice(0, 10) });
  if (options.includes('--skip-tests')) report('The tests are skipped, as asked for.');
  else run('npm', ['test']);

  const out = join(root, '.cache/release', version);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  run(process.execPath, ['server/build/build.js', '--bundle']);
  for (const [name, published] of Object.entries(PUBLISHED)) {
    run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', out], published.workspace);
    await writeFile(join(out, `launchlog-${name}-${version}.cdx.json`), await softwareBill(root, published));
  }
  packChart(out);
  await writeFile(join(out, 'SHA256SUMS'), await checksums(out));
  report(
    `Release ${version} is in ${out}. What is left:\n` +
      `  git commit -am "release: ${version}" && git tag v${version}\n` +
      `  npm publish ${join(out, `launchlog-server-${version}.tgz`)}\n` +
      `  npm publish ${join(out, `launchlog-sdk-${version}.tgz`)}\n` +
      `  docker build -t <registry>/launchlog:${version} . && docker push <registry>/launchlog:${version}`,
  );
}

function packChart(out) {
  const helm = process.env.HELM ?? 'helm';
  const packed = spawnSync(helm, ['package', CHART, '--destination', out], { cwd: root, stdio: 'inherit' });
  if (packed.error === undefined && packed.status === 0) return;
  if (packed.error?.code !== 'ENOENT') throw new Error('helm could not pack the chart');
  report(`The chart is NOT packed: there is no helm on the PATH. Later: helm package ${CHART}`);
}

async function checksums(folder) {
  const names = (await readdir(folder)).toSorted();
  const lines = names.map(async (name) => {
    const digest = createHash('sha256').update(await readFile(join(folder, name)));
    return `${digest.digest('hex')}  ${name}\n`;
  });
  return (await Promise.all(lines)).join('');
}

function run(program, args, folder = '.') {
  execFileSync(program, args, { cwd: join(root, folder), stdio: 'inherit' });
}

function report(text) {
  process.stderr.write(`${text}\n`);
}
