import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { explainedOutput } from './launch/explained-output.js';
import { LineSplitter } from './orchestrator/output/line-splitter.js';

const USAGE = 'usage: npm run -s explain -- [--stream job|launch] [--stage setup|task] FILE';
/** Longer output is not read: a log of a launch has a few MB. */
const FILE_MAX_BYTES = 256 * 1024 * 1024;

process.exitCode = explain(process.argv.slice(2));

function explain(words: readonly string[]): number {
  const request = requestOf(words);
  if (request === undefined) {
    console.error(USAGE);
    return 2;
  }
  const lines = linesOf(request.file);
  if (typeof lines === 'string') {
    console.error(lines);
    return 2;
  }
  for (const part of explainedOutput({ ...request, lines })) console.log(JSON.stringify(part));
  return 0;
}

function requestOf(words: readonly string[]) {
  const options = { stream: { type: 'string' }, stage: { type: 'string' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    const stream = oneOf(['job', 'launch'] as const, values.stream);
    const stage = oneOf(['setup', 'task'] as const, values.stage);
    const [file] = positionals;
    return file === undefined || positionals.length > 1 ? undefined : { file, stream, stage };
  } catch {
    return undefined;
  }
}

function oneOf<Word extends string>(words: readonly Word[], given: string | undefined): Word | undefined {
  const known = words.find((word) => word === given);
  if (given !== undefined && known === undefined) throw new RangeError(given);
  return known;
}

/** The lines, or a sentence that says why there are none. */
function linesOf(file: string): string[] | string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > FILE_MAX_BYTES) return `${file} is larger than ${FILE_MAX_BYTES} bytes`;
    const splitter = new LineSplitter();
    return [...splitter.push(bytes), ...splitter.end()];
  } catch (error) {
    return `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
