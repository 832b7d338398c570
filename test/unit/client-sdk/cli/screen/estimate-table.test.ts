import { expect, test } from 'vitest';
import { estimateTable } from '@launchlog/sdk/cli/screen/estimate-table';
import { Style } from '@launchlog/sdk/cli/screen/style';
import { widthOf } from '@launchlog/sdk/cli/screen/text-width';

const style = Style.for({ isTTY: false } as NodeJS.WriteStream, {}, false);
const offer = {
  cloud: 'AWS',
  region: 'us-west-2',
  zone: 'us-west-2a',
  gpus: 'A100:1',
  instance: 'p4d.24xlarge',
  spot: true,
  price: 0.49,
  start: 0.004,
  chosen: true,
  record: { launches: 3, rate: 2 / 3, median: 10, p95: 16, failure: 'model_load_failed', scope: 'provider' },
} as const;
const estimate = { offers: [offer], hourlyCost: 0.49, costUntilActive: 0.004, secondsUntilActive: 10 };

test.each([40, 80, 100, 200])(
  'offers fit a terminal of %d columns, the place and the price first',
  (columns) => {
    const lines = estimateTable(estimate as never, { style, columns }).split('\n');
    for (const line of lines.slice(0, 2)) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    expect(lines[1]).toMatch(/^AWS us-west-2a .*\$0\.49/);
  },
);

test('without a terminal every column is there, and a cost below a cent is not none', () => {
  const [titles, row, sentence] = estimateTable(estimate as never, { style }).split('\n');
  expect(titles).toMatch(/^WHERE +MACHINE +PER HOUR +TO ACTIVE +MEDIAN +P95 +SUCCESS +USUAL FAILURE$/);
  expect(row).toContain('< $0.01');
  expect(sentence).toBe('About $0.49 per hour, and less than $0.01 until it is active, in 10s.');
});
