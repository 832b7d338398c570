import { describe, expect, test } from 'vitest';
import { checkedRequest } from '@launchlog/server/launch/request-check';
import { launchRequest } from '../../../support/sample/new-node.js';

describe('a launch request', () => {
  test.each([
    ["--chat-template 'open", /^'vllmArgs' /],
    ['--port 9000', /^'vllmArgs' must not have --port/],
    ['--api_key=x', /^'vllmArgs' must not have --api-key/],
  ])('with vllmArgs %j is refused before anything is stored', (vllmArgs, message) => {
    expect(() => checkedRequest(launchRequest({ vllmArgs }), 'simulated')).toThrow(message);
  });

  test('with quoted vllmArgs is accepted', () => {
    const request = launchRequest({ vllmArgs: `--chat-template 'a b' --max-model-len 4096` });
    expect(checkedRequest(request, 'skypilot-api')).toBe(request);
  });

  test('that names a scenario is refused where launches are real', () => {
    const request = launchRequest({ simulatorScenario: 'quota' });
    expect(() => checkedRequest(request, 'skypilot-api')).toThrow(
      /^'simulatorScenario' is only for the simulated/,
    );
    expect(checkedRequest(request, 'simulated')).toBe(request);
  });
});
