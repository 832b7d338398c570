import { describe, expect, test } from 'vitest';
import { launchRequestSchema } from '@launchlog/shared/launch-request';

const LAUNCH = { provider: 'aws', gpu: 'A100', model: 'm' };

function faultsOf(fields: object): string[] {
  const { error } = launchRequestSchema.safeParse({ ...LAUNCH, ...fields });
  return error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];
}

describe('what a launch asks to be done about its node', () => {
  test.each([
    [90, 90],
    ['90m', 90],
    ['12h', 720],
    ['3d', 4_320],
  ])('takes the span %s as %d minutes', (sent, minutes) => {
    const parsed = launchRequestSchema.parse({ ...LAUNCH, terminateAfter: sent, terminateWhenIdle: sent });
    expect(parsed).toMatchObject({ terminateAfter: minutes, terminateWhenIdle: minutes });
  });

  test.each([0, -1, 1.5, '0m', '5s', '1w', 'm', '', '400d', '1h30m', null])('refuses the span %s', (sent) => {
    expect(faultsOf({ terminateAfter: sent })).toEqual([
      "terminateAfter must be a whole number of minutes from 1 to 527040, or a span such as '45m', '12h' or '3d'",
    ]);
  });

  test('refuses to limit relaunches that nobody asked for', () => {
    expect(faultsOf({ relaunchesPerHour: 2, relaunchUnreachableAfter: '10m' })).toEqual([
      "relaunchesPerHour needs on_loss 'relaunch'",
      "relaunchUnreachableAfter needs on_loss 'relaunch'",
    ]);
    expect(faultsOf({ onLoss: 'relaunch', relaunchesPerHour: 2, relaunchUnreachableAfter: '10m' })).toEqual(
      [],
    );
    expect(faultsOf({ onLoss: 'restart' })).toEqual(['onLoss must be one of none, relaunch']);
  });
});
