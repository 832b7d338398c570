import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { ClaimSigner } from '@launchlog/server/auth/claim-signer';
import { ConsoleSessions } from '@launchlog/server/auth/session/console-sessions';
import { StreamTickets } from '@launchlog/server/auth/stream-tickets';
import type { Principal } from '@launchlog/server/principal';
import { FakeClock } from '../../../support/fake/fake-clock.js';
import { rowlessSessions } from '../../../support/fake/rowless-sessions.js';
import { MemoryOpenedTickets } from '../../../support/fake/memory-opened-tickets.js';

const ADMIN: Principal = { name: 'admin', kind: 'admin_token', scopes: ['admin'] };
const NODE = '550e8400-e29b-41d4-a716-446655440000';
const MINUTE_MS = 60_000;

describe('a stream ticket', () => {
  let clock: FakeClock;
  let opened: MemoryOpenedTickets;
  /** A server of a cluster: all share a secret and what is known of opened tickets. */
  const server = (secret = 'secret') =>
    new StreamTickets({
      secret,
      clock,
      openWithinMs: MINUTE_MS,
      resumeWithinMs: 10 * MINUTE_MS,
      opened,
      newId: randomUUID,
    });
  beforeEach(() => {
    clock = new FakeClock();
    opened = new MemoryOpenedTickets();
  });

  test('opens a stream for a minute, and resumes the one it opened for longer, on every server', async () => {
    const { ticket, expiresInSeconds } = server().issue(NODE, ADMIN);
    expect(expiresInSeconds).toBe(60);
    expect(await server().redeem(ticket, false)).toEqual({
      name: 'admin',
      kind: 'stream_ticket',
      scopes: ['logs:read'],
      nodeId: NODE,
    });
    await server().noteOpened(ticket);
    await clock.advance(MINUTE_MS + 1);
    await expect(server().redeem(ticket, false)).rejects.toThrow('expired');
    expect((await server().redeem(ticket, true)).nodeId).toBe(NODE);
    await clock.advance(9 * MINUTE_MS);
    await expect(server().redeem(ticket, true)).rejects.toThrow('expired');
  });

  test('that opened no stream within a minute never opens one, whatever cursor is named', async () => {
    const { ticket } = server().issue(NODE, ADMIN);
    const { ticket: other } = server().issue(NODE, ADMIN);
    await server().noteOpened(other);
    await clock.advance(MINUTE_MS);
    expect((await server().redeem(ticket, true)).nodeId).toBe(NODE);
    await clock.advance(1);
    await expect(server().redeem(ticket, true)).rejects.toThrow('expired');
    await expect(server().redeem(ticket, false)).rejects.toThrow('expired');
    expect((await server().redeem(other, true)).nodeId).toBe(NODE);
  });

  test('of a server of 0.1.0, which has no id, resumes by a cursor as it does there', async () => {
    const signer = new ClaimSigner('secret', 'stream ticket v1');
    const ticket = signer.sign({ node: NODE, actor: 'admin', issuedAt: clock.now() });
    await server().noteOpened(ticket);
    expect(opened.ids.size).toBe(0);
    await clock.advance(MINUTE_MS + 1);
    await expect(server().redeem(ticket, false)).rejects.toThrow('expired');
    expect((await server().redeem(ticket, true)).nodeId).toBe(NODE);
  });

  test('is accepted with the same secret only, and a console session is not a ticket', async () => {
    const { ticket } = server().issue(NODE, ADMIN);
    expect((await server().redeem(ticket, false)).nodeId).toBe(NODE);
    await expect(server('new').redeem(ticket, false)).rejects.toThrow('invalid');
    const sessions = new ConsoleSessions({
      secret: 'secret',
      clock,
      lastsMs: 1_000,
      secure: true,
      path: '/',
      newId: () => 's',
      registry: rowlessSessions(),
    });
    const value = (await sessions.begin(ADMIN)).cookie.split(/[=;]/)[1] ?? '';
    await expect(server().redeem(value, false)).rejects.toThrow('invalid');
    await expect(server().redeem(`${ticket}x`, false)).rejects.toThrow('invalid');
  });
});
