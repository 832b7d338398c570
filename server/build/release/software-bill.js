import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { PackageURL } from 'packageurl-js';

/*
 * The software bill of materials of a published package, as CycloneDX 1.6 in JSON: its `dependencies`, with theirs, and the
 * packages that its bundle and its console inline. `npm sbom` knows nothing of the second, and so misses most of what we ship.
 */

/** What is published: the workspace, those that it carries as built files, and the file that names what its bundle inlines. */
export const PUBLISHED = {
  server: { workspace: 'server', carries: ['server/console'], inlined: 'bundle/inlined-packages.json' },
  sdk: { workspace: 'client-sdk', carries: [], inlined: 'dist/inlined-packages.json' },
};

const { LicenseFactory } = Contrib.License.Factories;
const licenses = new LicenseFactory();

/** The bill of `published` in the checkout at `root`, whose bundles are built. */
export async function softwareBill(root, { workspace, carries, inlined }) {
  const { packages } = await json(join(root, 'package-lock.json'));
  const manifest = await json(join(root, workspace, 'package.json'));
  const paths = new Set();
  for (const path of [workspace, ...carries]) addDependencies(packages, path, paths);
  for (const { name, version } of await json(join(root, workspace, inlined))) {
    paths.add(lockedPath(packages, name, version));
  }
  const bom = new Models.Bom();
  bom.metadata.component = component(manifest, Enums.ComponentType.Application);
  for (const path of [...paths].toSorted((one, other) => (one < other ? -1 : 1))) {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    bom.components.add(component({ name, ...packages[path] }, Enums.ComponentType.Library));
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return serializer.serialize(bom, { sortLists: true, space: 2 });
}

function component({ name, version, license, integrity }, type) {
  const [scope, plain] = name.startsWith('@') ? name.split('/') : [undefined, name];
  const purl = new PackageURL('npm', scope, plain, version).toString();
  const hashes = integrity === undefined ? undefined : new Models.HashDictionary([sha512(integrity)]);
  const made = new Models.Component(type, plain, { group: scope, version, purl, bomRef: purl, hashes });
  if (license !== undefined) made.licenses.add(licenses.makeFromString(license));
  return made;
}

function sha512(integrity) {
  const [algorithm, digest] = integrity.split('-');
  if (algorithm !== 'sha512') throw new Error(`the lock file has a hash of an unknown kind: ${algorithm}`);
  return [Enums.HashAlgorithm['SHA-512'], Buffer.from(digest, 'base64').toString('hex')];
}

/** Adds the paths of what the package at `path` needs at run time. */
function addDependencies(packages, path, paths) {
  const { dependencies, optionalDependencies } = packages[path];
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const found = resolved(packages, path, name);
    // A link leads to one of our own workspaces.
    if (paths.has(found) || packages[found].link) continue;
    paths.add(found);
    addDependencies(packages, found, paths);
  }
}

/** Looks for a package as Node does: beside the code of `from`, and then in each folder above. */
function resolved(packages, from, name) {
  const path = from === '' ? `node_modules/${name}` : `${from}/node_modules/${name}`;
  if (packages[path] !== undefined) return path;
  if (from === '') throw new Error(`${name} is not in the lock file`);
  return resolved(packages, from.slice(0, Math.max(from.lastIndexOf('node_modules/') - 1, 0)), name);
}

function lockedPath(packages, name, version) {
  const path = Object.keys(packages).find(
    (each) => each.endsWith(`node_modules/${name}`) && packages[each].version === version,
  );
  if (path === undefined) throw new Error(`${name}@${version} is inlined and not in the lock file`);
  return path;
}

async function json(path) {
  return JSON.parse(await readFile(path, 'utf8'));
}
