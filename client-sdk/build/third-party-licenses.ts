import { readdirSync, readFileSync } from 'node:fs';

/**
 * The licenses of the packages that the modules of a bundle come from: MIT and ISC ask that their text accompanies each
 * copy of the code.
 */
export function thirdPartyLicenses(moduleIds: readonly string[]): string {
  const folders = moduleIds.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []);
  return [...new Set(folders)].toSorted().map(licenseOf).join('\n\n');
}

function licenseOf(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[sc]e/i.test(name));
  const name = folder.slice(folder.lastIndexOf('/node_modules/') + '/node_modules/'.length);
  const text = file === undefined ? namedLicense(folder) : readFileSync(`${folder}/${file}`, 'utf8').trim();
  return `${name}\n\n${text}\n`;
}

/** Some packages name their license in package.json and have no file of it. */
function namedLicense(folder: string): string {
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as {
    readonly license?: string;
    readonly author?: string | { readonly name: string };
  };
  const { license, author = 'its authors' } = manifest;
  if (license === undefined) throw new Error(`${folder} is bundled, but names no license`);
  return `Copyright ${typeof author === 'string' ? author : author.name}. License: ${license}`;
}
