import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { FULL, QUICK } from './bench-plan.js';
import { PARTS } from './bench-part.js';
import { keysOf } from './bench-keys.js';
import { reportOf, writeReport } from './bench-report.js';
import { runBench } from './bench-run.js';

const USAGE = `npm run bench -- [--quick] [--json] [--write] [--only PART]
  --quick  fewer and shorter rounds: within four minutes
  --json   one JSON object on one line, and nothing else
  --write  put the results into docs/benchmarks.md and docs/benchmarks.svg
  --only   one part (${Object.keys(PARTS).join(', ')}), as JSON
Paths in CENTRIFUGO_BINARY and MERCURE_BINARY: these are measured too.`;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit();
}
installTools();
const plan = values.quick ? QUICK : FULL;
if (values.only !== undefined) {
  const part = PARTS[values.only];
  if (part === undefined) throw new Error(`--only: there is no part ${values.only}\n${USAGE}`);
  console.log(JSON.stringify(await part(plan), undefined, values.json ? 0 : 2));
  process.exit();
}
const say = (text: string): void => {
  if (!values.json) console.log(`… ${text}`);
};
const { CENTRIFUGO_BINARY, MERCURE_BINARY } = process.env;
const findings = await runBench({
  plan,
  say,
  binaries: { centrifugo: CENTRIFUGO_BINARY, mercure: MERCURE_BINARY },
});
console.log(values.json ? JSON.stringify(keysOf(findings)) : reportOf(findings));
if (values.write) await writeReport(findings);
process.exit();

/** Only what is missing, and without a word where it works. */
function installTools(): void {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
  } catch {
    const script = new URL('../../../support/install-tools.sh', import.meta.url).pathname;
    execFileSync('sh', [script], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
}
