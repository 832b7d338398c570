import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { runSoak } from './soak-run.js';

const USAGE = `npm run soak -- [--minutes 30] [--launches 12]
  --minutes   how long launches are asked for
  --launches  how many run at a time`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    launches: { type: 'string', default: '12' },
    help: { type: 'boolean', default: false },
  },
});
const [minutes, launches] = [Number(values.minutes), Number(values.launches)];
if (values.help || !(minutes > 0) || !Number.isInteger(launches) || launches < 1) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 2);
}
execFileSync('sh', [new URL('../../../support/install-tools.sh', import.meta.url).pathname], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
// The databases end with this process.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
const problems = await runSoak({ minutes, launches, say: (text) => console.log(text) });
console.log(problems === 0 ? 'Nothing was lost, repeated or left behind.' : `${problems} problems.`);
process.exit(problems === 0 ? 0 : 1);
