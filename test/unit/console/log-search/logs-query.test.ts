import { expect, test } from 'vitest';
import { readLogsQuery, serverQueryOf } from '@launchlog/console/log-search/logs-query';

const asked = (search: string) => serverQueryOf(readLogsQuery(new URLSearchParams(search)), 0);

test('every filter of the URL is asked of the server, and what it does not know is ignored', () => {
  expect(asked('q=a&regex=1&level=warn&phase=installing&source=vllm&deployment=d&since=1d')).toEqual({
    regex: 'a',
    level: ['warn'],
    phase: ['installing'],
    source: ['vllm'],
    deploymentId: 'd',
    since: '1969-12-31T00:00:00.000Z',
  });
  expect(asked('q=a&level=loud&phase=no&source=no')).toEqual({ q: 'a' });
});

test('a phase or a source is enough to search for, and a time or a deployment is not', () => {
  expect(asked('phase=queued')).toEqual({ phase: ['queued'] });
  expect(asked('source=skypilot')).toEqual({ source: ['skypilot'] });
  expect(asked('since=1d&deployment=d')).toBeUndefined();
});
