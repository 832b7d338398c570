import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LineSplitter } from '@launchlog/server/orchestrator/output/line-splitter';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));

/** The lines of all recorded and written endings of one program, by name. */
export function recordedEndings(program: 'vllm' | 'uv'): ReadonlyMap<string, readonly string[]> {
  const folder = `${fixtures}/${program}`;
  const recorded = readdirSync(folder)
    .filter((file) => file.endsWith('.raw'))
    .map(
      (file) => [file.replace(/(?:\.pipe)?\.raw$/, ''), linesOf(readFileSync(`${folder}/${file}`))] as const,
    );
  const written = readFileSync(`${folder}/endings.txt`, 'utf8')
    .split(/^=== /m)
    .slice(1)
    .map((section) => section.trimEnd().split('\n'))
    .map(([name = '', ...lines]) => [name, lines] as const);
  return new Map([...recorded, ...written]);
}

/** The lines of a start of vLLM that was written after its source. */
export function logLines(name: string): readonly string[] {
  return linesOf(readFileSync(`${fixtures}/vllm/${name}.log`));
}

function linesOf(bytes: Uint8Array): string[] {
  const splitter = new LineSplitter();
  return [...splitter.push(bytes), ...splitter.end()];
}
