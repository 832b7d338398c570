import { missingSecrets } from '@launchlog/console/node/missing-secrets';
import { LaunchlogApiError } from '@launchlog/sdk';
import { expect, test } from 'vitest';

test('the secrets to ask for are those that the server named, whatever its message', () => {
  const refused = new LaunchlogApiError('conflict', 'any text', {
    missingSecrets: ['HF_TOKEN', 'WANDB_KEY'],
  });
  expect(missingSecrets(refused)).toEqual(['HF_TOKEN', 'WANDB_KEY']);
});

test('other failures ask for no secrets', () => {
  const text = 'secrets are not kept after a launch has ended: launch again with HF_TOKEN';
  for (const error of [new LaunchlogApiError('conflict', text), new Error(text), undefined]) {
    expect(missingSecrets(error)).toBeUndefined();
  }
});
