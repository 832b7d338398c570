import { describe, expect, test } from 'vitest';
import { phaseLine } from '@launchlog/sdk/cli/screen/phase-line';
import type { LaunchProgress } from '@launchlog/sdk/cli/screen/phase-line';
import { Style } from '@launchlog/sdk/cli/screen/style';

const view: LaunchProgress = {
  label: '',
  phase: 'model_loading',
  progress: 75,
  eta: { seconds: 100, samples: 12 },
  etaAtMs: 60_000,
  startedAtMs: 0,
  trouble: undefined,
};
const style = new Style(false);

describe('the footer line of a launch', () => {
  test('shows the phase, its progress, the elapsed and the remaining time', () => {
    const line = phaseLine(view, { nowMs: 80_000, columns: 120, style });
    expect(line).toMatch(
      /^. model_loading {2}█{18}░{6} {2}75% {2}1m 20s · about 1m 20s left \(of 12 launches\)$/,
    );
  });

  test('shows no remaining time if it is unknown, and no number once it has passed', () => {
    expect(phaseLine({ ...view, eta: undefined }, { nowMs: 80_000, columns: 120, style })).toMatch(
      /75% {2}1m 20s$/,
    );
    expect(phaseLine(view, { nowMs: 300_000, columns: 120, style })).toContain('any moment now');
  });

  test.each([200, 120, 80, 60, 40, 20, 10])('never wraps on a terminal of %d columns', (columns) => {
    for (const label of ['', 'cic-aws-uswest2-a100-spot-550e84']) {
      const line = phaseLine({ ...view, label }, { nowMs: 80_000, columns, style });
      expect(line.length).toBeLessThan(columns);
    }
  });

  test('shows a lost connection instead of the times', () => {
    const line = phaseLine({ ...view, trouble: 'reconnecting …' }, { nowMs: 80_000, columns: 120, style });
    expect(line).toMatch(/75% {2}reconnecting …$/);
  });
});
