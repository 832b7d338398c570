import { fileURLToPath } from 'node:url';
import { PUBLISHED, softwareBill } from './software-bill.js';

const published = PUBLISHED[process.argv[2] ?? ''];
if (published === undefined) {
  process.stderr.write(`Usage: npm run --silent sbom -- ${Object.keys(PUBLISHED).join('|')}\n`);
  process.exit(2);
}
const root = fileURLToPath(new URL('../../..', import.meta.url));
process.stdout.write(`${await softwareBill(root, published)}\n`);
