import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PACKAGES = ['.', 'shared', 'server', 'server/console', 'client-sdk', 'test'];
const CHART = 'docs/deployment/helm/launchlog/Chart.yaml';
const MANIFEST = 'docs/deployment/kubernetes/launchlog.yaml';
const UNRELEASED = '## Unreleased\n';
const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:-[0-9A-Za-z.-]+)?$/;

/**
 * Writes `version` everywhere below `root` that names the release, and gives the unreleased changes their heading.
 * Rejects, before it writes anything, if the version is no later one or nothing has changed.
 */
export async function setRelease(root, { version, date }) {
  const current = (await json(join(root, 'package.json'))).version;
  if (!VERSION.test(version)) throw new Error(`"${version}" is no semantic version such as 0.2.0`);
  if (!isLater(version, current)) throw new Error(`${version} is not later than ${current}`);
  const changelog = await readFile(join(root, 'CHANGELOG.md'), 'utf8');
  const changes = changelog.split(UNRELEASED)[1]?.split('\n## ')[0]?.trim();
  if (!changes) throw new Error('CHANGELOG.md has no changes below "## Unreleased"');

  for (const folder of PACKAGES)
    await editJson(join(root, folder, 'package.json'), (it) => bump(it, version));
  await editJson(join(root, 'package-lock.json'), (lock) => {
    lock.version = version;
    for (const folder of PACKAGES) bump(lock.packages[folder === '.' ? '' : folder], version);
  });
  await edit(join(root, 'CHANGELOG.md'), (text) =>
    text.replace(UNRELEASED, `${UNRELEASED}\n## ${version} – ${date}\n`),
  );
  await edit(join(root, CHART), (text) => text.replace(/^(version|appVersion): .*$/gm, `$1: ${version}`));
  await edit(join(root, MANIFEST), (text) => text.replace(/(image: \S+\/launchlog):\S+/, `$1:${version}`));
}

function bump(manifest, version) {
  manifest.version = version;
  for (const kind of ['dependencies', 'devDependencies']) {
    for (const name of Object.keys(manifest[kind] ?? {})) {
      if (name.startsWith('@launchlog/')) manifest[kind][name] = version;
    }
  }
}

/** By number alone: a pre-release of the same numbers counts as earlier. */
function isLater(version, current) {
  const [one, other] = [version, current].map((text) => VERSION.exec(text)?.slice(1, 4).map(Number) ?? []);
  for (const [index, number] of one.entries()) {
    if (number !== other[index]) return number > other[index];
  }
  return current.includes('-') && !version.includes('-');
}

async function json(path) {
  return JSON.parse(await readFile(path, 'utf8'));
}

async function editJson(path, change) {
  const content = await json(path);
  change(content);
  await writeFile(path, `${JSON.stringify(content, undefined, 2)}\n`);
}

async function edit(path, change) {
  await writeFile(path, change(await readFile(path, 'utf8')));
}
