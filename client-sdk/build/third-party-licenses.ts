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
  if (file === undefined) throw new Error(`${folder} is bundled, but has no license file`);
  const name = folder.slice(folder.lastIndexOf('/node_modules/') + '/node_modules/'.length);
  return `${name}\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`;
}
