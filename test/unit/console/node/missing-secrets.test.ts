import { missingSecrets } from '@launchlog/console/node/missing-secrets';
import { LaunchlogApiError } from '@launchlog/sdk';
import { expect, test } from 'vitest';

test('the secrets to ask for are those the server named, whatever its text says', () => {
  const refused = new LaunchlogApiError('conflict', 'any text', {
    missingSecrets: ['HF_TOKEN', 'WANDB_KEY'],
  });
  expect(missingSecrets(refused)).toEqual(['HF_TOKEN', 'WANDB_KEY']);
});

test('any other failure asks for none', () => {
  const text = 'secrets are not kept after a launch has ended: launch again with HF_TOKEN';
  for (const error of [new LaunchlogApiError('conflict', text), new Error(text), undefined]) {
    expect(missingSecrets(error)).toBeUndefined();
  }
});
