import { childEnvironment } from '@launchlog/server/child-environment';
import { ENVIRONMENT_VARIABLES, readConfig } from '@launchlog/server/config';
import { expect, test } from 'vitest';

test('child processes get what SkyPilot and its clouds read', () => {
  const passed = {
    PATH: '/bin',
    HOME: '/root',
    https_proxy: 'http://proxy:3128',
    LC_ALL: 'C.UTF-8',
    SKYPILOT_API_SERVER_ENDPOINT: 'http://127.0.0.1:46580',
    AWS_PROFILE: 'team',
    GOOGLE_APPLICATION_CREDENTIALS: '/key.json',
    CLOUDSDK_CONFIG: '/gcloud',
    AZURE_CLIENT_ID: 'id',
    KUBECONFIG: '/kube',
  };
  expect(childEnvironment(passed, [])).toEqual(passed);
});

const OTHERS =
  'LD_PRELOAD LD_LIBRARY_PATH SHELLOPTS BASHOPTS PS4 BASH_ENV ENV IFS PYTHONPATH PYTHONSTARTUP NODE_OPTIONS SSLKEYLOGFILE ' +
  'OPENSSL_CONF GIT_SSH_COMMAND A_NAME_OF_TOMORROW';

test.each(OTHERS.split(' '))('%s stays here unless the operator names it', (name) => {
  expect(childEnvironment({ [name]: 'x' }, [])).toEqual({});
  expect(readConfig({ [name]: 'x', SKYPILOT_ENVIRONMENT: `${name}, OTHER` }).childEnvironment).toEqual({
    [name]: 'x',
    SKYPILOT_ENVIRONMENT: `${name}, OTHER`,
  });
});

test('no variable of ours but those of SkyPilot and of proxies reaches a child process', () => {
  const own = ENVIRONMENT_VARIABLES.filter((name) => !/^SKYPILOT_|_PROXY$/.test(name));
  expect(childEnvironment(Object.fromEntries(own.map((name) => [name, 'secret'])), [])).toEqual({});
});
