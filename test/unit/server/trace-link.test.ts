import { readConfig } from '@launchlog/server/config';
import { traceLinkOf } from '@launchlog/server/trace-context';
import { expect, test } from 'vitest';

test('a link has the id wherever the template wants it', () => {
  const link = traceLinkOf('https://grafana.example.com/explore?panes={"q":"{trace_id}"}&again={trace_id}');
  expect(link?.('ab12')).toBe('https://grafana.example.com/explore?panes={"q":"ab12"}&again=ab12');
  expect(traceLinkOf(undefined)).toBeUndefined();
});

test.each([
  ['javascript:alert("{trace_id}")', 'TRACE_URL_TEMPLATE must be a URL that begins with http:// or https://'],
  [
    'https://traces.example.com/',
    'TRACE_URL_TEMPLATE must have {trace_id} where the id of the trace belongs',
  ],
])('the template %s is refused', (template, problem) => {
  expect(() => readConfig({ TRACE_URL_TEMPLATE: template })).toThrow(problem);
});
