import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeLine } from '../support/log/write-line.js';
import { ServerEdge } from '../support/server/server-edge.js';

const LINES = 40;
const LONG = 'a'.repeat(40_000);
/** Heavy for each of these lines. */
const EXPRESSION = '(a+)+ \\d+$';

let edge: ServerEdge;
beforeAll(async () => void (edge = await ServerEdge.start()));
afterAll(() => edge.close());

const numbersIn = (text: string) => [...text.matchAll(/a (\d+)"/g)].map(([, number]) => Number(number));
const all = Array.from({ length: LINES }, (_, index) => index + 1);

test('live entries that are heavy to match reach their readers completely, in order, and with the end', async () => {
  const { path, writer } = await edge.nodeWithLog(1);
  const open = (query: string) => edge.fetch(`${path}?tail=0&${query}`);
  const streams = await Promise.all([
    open(`regex=${encodeURIComponent(EXPRESSION)}`),
    open(`regex=${encodeURIComponent(`${EXPRESSION}|x{9}`)}`),
    open(`regex=${encodeURIComponent('a (?:7|9)$')}`),
    open(''),
  ]);
  const texts = Promise.all(streams.map((stream) => stream.text()));
  for (const number of all) {
    writeLine(writer, `${LONG} ${number}`, { phase: 'provisioning', source: 'skypilot' });
    if (number % 10 === 0) await writer.flush();
  }
  writeLine(writer, 'ready', { phase: 'active', source: 'orchestrator', progress: 100 });
  const [first = '', second = '', few = '', unfiltered = ''] = await texts;
  expect(numbersIn(first)).toEqual(all);
  expect(numbersIn(second)).toEqual(all);
  expect(numbersIn(few)).toEqual([7, 9]);
  expect(numbersIn(unfiltered)).toEqual(all);
  for (const text of [first, second, few, unfiltered]) expect(text).toContain('event: done');
});

test('history that is heavy to match is read completely, by page, export, search and the beginning of a stream', async () => {
  const { node, path, writer } = await edge.nodeWithLog(1);
  for (const number of all) {
    writeLine(writer, `${LONG} ${number}`, { phase: 'provisioning', source: 'skypilot' });
  }
  await writer.flush();
  const regex = `regex=${encodeURIComponent(EXPRESSION)}`;
  for (const read of [
    `/admin/nodes/${node.id}/logs?tail=100&${regex}`,
    `/admin/nodes/${node.id}/logs?limit=100&cursor=0000000000000000:0&${regex}`,
    `/admin/nodes/${node.id}/logs/export?format=ndjson&${regex}`,
    `/admin/logs/search?limit=100&${regex}`,
    `${path}?follow=false&tail=100&${regex}`,
  ]) {
    const answer = await edge.fetch(read);
    expect(answer.status, read).toBe(200);
    const found = numbersIn(await answer.text());
    expect(new Set(found), read).toEqual(new Set(all));
  }
  const large = await edge.fetch(
    `/admin/nodes/${node.id}/logs?regex=${encodeURIComponent('x{1000}'.repeat(50))}`,
  );
  expect(large.status).toBe(400);
  expect(await large.text()).toContain('must not have more than 1000 steps');
});
