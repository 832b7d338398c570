import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
}

/**
 * Writes what a bundle consists of besides our own code, by the paths of its modules: `THIRD-PARTY-LICENSES.txt`, because
 * MIT and ISC ask that their text accompanies each copy of the code, and `inlined-packages.json` for the bill of materials.
 */
export function writeInlinedPackages(out: string, modules: readonly string[]): void {
  const found = modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []);
  const folders = [...new Set(found)].toSorted();
  writeFileSync(join(out, 'THIRD-PARTY-LICENSES.txt'), folders.map(licenseOf).join('\n\n'));
  const names = folders.map((folder) => {
    const { name, version } = manifestOf(folder);
    return { name, version };
  });
  writeFileSync(join(out, 'inlined-packages.json'), `${JSON.stringify(names, undefined, 2)}\n`);
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

function licenseOf(folder: string): string {
  const manifest = manifestOf(folder);
  const file = readdirSync(folder).find((name) => /^licen[sc]e/i.test(name));
  const text = file === undefined ? namedLicense(manifest) : readFileSync(join(folder, file), 'utf8').trim();
  return `${manifest.name}\n\n${text}\n`;
}

/** Some packages name their license in package.json and have no file of it. */
function namedLicense({ name, license, author = 'its authors' }: Manifest): string {
  if (license === undefined) throw new Error(`${name} is bundled, but names no license`);
  return `Copyright ${typeof author === 'string' ? author : author.name}. License: ${license}`;
}
