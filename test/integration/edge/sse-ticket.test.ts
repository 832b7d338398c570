import { StreamTickets } from '@launchlog/server/auth/stream-tickets';
import { systemClock } from '@launchlog/server/clock';
import { randomUUID } from 'node:crypto';
import { EventSource } from 'eventsource';
import { afterEach, describe, expect, test } from 'vitest';
import { MemoryOpenedTickets } from '../../support/fake/memory-opened-tickets.js';
import { OpenedEdges } from '../../support/client/opened-edges.js';
import { ADMIN_TOKEN, type ServerEdge } from '../../support/server/server-edge.js';
import { writeLine } from '../../support/log/write-line.js';

const opened = new OpenedEdges();
const { open, start } = opened;

afterEach(() => opened.close());

describe('a stock EventSource with a ticket', () => {
  async function ticketFor(edge: ServerEdge, nodeId: string): Promise<string> {
    const response = await edge.fetch(`/admin/nodes/${nodeId}/logs/ticket`, { method: 'POST' });
    const body = (await response.json()) as { ticket: string; expires_in: number };
    return body.ticket;
  }

  test('reads to the end, and stops when the server answers 204', async () => {
    const edge = await start();
    const { node, writer, path } = await edge.nodeWithLog(2);
    const source = new EventSource(`${edge.url}${path}?ticket=${await ticketFor(edge, node.id)}`);
    open.push(source);
    const seen: string[] = [];
    source.addEventListener('log', (event) => {
      seen.push((JSON.parse(event.data as string) as { message: string }).message);
      if (seen.length === 2)
        writeLine(writer, 'ready', { phase: 'active', source: 'orchestrator', progress: 100 });
    });
    await new Promise((resolve) => source.addEventListener('done', resolve));
    expect(seen).toEqual(['line 1', 'line 2', 'ready']);
    await expect.poll(() => source.readyState).toBe(EventSource.CLOSED);
    expect(seen).toEqual(['line 1', 'line 2', 'ready']);
  });

  test('reconnects by its last id after a cut, without loss or repeats, though the ticket has aged', async () => {
    const edge = await start({ maxAgeMs: 1_000, ticketOpenMs: 1_500 });
    const { node, writer, path } = await edge.nodeWithLog(2);
    const source = new EventSource(`${edge.url}${path}?ticket=${await ticketFor(edge, node.id)}`);
    open.push(source);
    const seen: string[] = [];
    source.addEventListener('log', (event) => {
      seen.push((JSON.parse(event.data as string) as { message: string }).message);
    });
    let opens = 0;
    source.addEventListener('open', () => (opens += 1));
    let number = 2;
    // The third stream opens when the ticket is at least 2 s old.
    while (opens < 3) {
      number += 1;
      writeLine(writer, `line ${number}`, { phase: 'provisioning', source: 'skypilot' });
      await expect.poll(() => seen.length).toBe(number);
    }
    expect(seen).toEqual(Array.from({ length: number }, (_, index) => `line ${index + 1}`));
  });

  test('is refused for another node, after a minute, when tampered with, and for anything but the stream', async () => {
    const edge = await start();
    const { node, path } = await edge.nodeWithLog(1);
    const other = edge.launches.add();
    const ticket = await ticketFor(edge, node.id);
    const status = async (url: string, headers: Record<string, string> = {}) =>
      (await fetch(edge.url + url, { headers })).status;
    expect(await status(`/admin/nodes/${other.id}/logs/stream?ticket=${ticket}`)).toBe(404);
    expect(await status(`${path}?ticket=${ticket.slice(0, -2)}`)).toBe(401);
    expect(await status(`${path}?ticket=${ADMIN_TOKEN}`)).toBe(401);
    expect(await status(`${path}?token=${ADMIN_TOKEN}`)).toBe(401);
    expect(await status(`/admin/nodes/${node.id}/logs?ticket=${ticket}`)).toBe(401);
    const old = ticketOfAMinuteAgo(node.id);
    expect(await status(`${path}?ticket=${old}`)).toBe(401);
    expect(await status(`${path}?ticket=${old}`, { 'Last-Event-ID': 'nonsense' })).toBe(401);
    const young = await ticketFor(edge, node.id);
    expect(await status(`${path}?ticket=${young}`, { 'Last-Event-ID': 'nonsense' })).toBe(400);
  });

  test('that opened no stream in its minute opens none by naming a cursor, and one that did resumes on other servers', async () => {
    const openedTickets = new MemoryOpenedTickets();
    const edge = await start({ openedTickets, ticketOpenMs: 1 });
    const { node, path } = await edge.nodeWithLog(2);
    const page = (await (await edge.fetch(`/admin/nodes/${node.id}/logs`)).json()) as { next_cursor: string };
    const open = (server: ServerEdge, ticket: string, query = '') =>
      fetch(`${server.url}${path}?follow=false&ticket=${ticket}${query}`, {
        headers: { 'Last-Event-ID': page.next_cursor },
      });
    const never = ticketOfAMinuteAgo(node.id);
    expect((await open(edge, never)).status).toBe(401);
    expect((await open(edge, never, '&tail=10')).status).toBe(401);

    const ticket = ticketOfAMinuteAgo(node.id, 59_000);
    const other = await start({ openedTickets });
    other.launches.add({ id: node.id });
    const stream = await fetch(`${other.url}${path}?follow=false&ticket=${ticket}`);
    expect(stream.status).toBe(200);
    await stream.text();
    expect(openedTickets.ids.size).toBe(1);
    const resumed = await open(edge, ticket);
    expect(resumed.status).toBe(200);
    expect(await resumed.text()).toContain('event: done');
    expect((await open(edge, ticketOfAMinuteAgo(node.id))).status).toBe(401);
  });
});

/** As another server of the same secret would have issued it. */
function ticketOfAMinuteAgo(nodeId: string, ageMs = 61_000): string {
  const clock = { ...systemClock, now: () => systemClock.now() - ageMs };
  const minuteMs = 60_000;
  const tickets = new StreamTickets({
    secret: ADMIN_TOKEN,
    clock,
    openWithinMs: minuteMs,
    resumeWithinMs: 35 * minuteMs,
    opened: new MemoryOpenedTickets(),
    newId: randomUUID,
  });
  return tickets.issue(nodeId, { name: 'admin', kind: 'admin_token', scopes: ['admin'] }).ticket;
}
