import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemHostResolver, type HostResolver } from '@launchlog/server/notification/host-resolver';
import { OutboundClient, RESPONSE_CAP_BYTES } from '@launchlog/server/notification/outbound-client';
import { OutboundGuard, OutboundRefusedError } from '@launchlog/server/notification/outbound-guard';
import { Certificate } from '../../support/network/certificate.js';
import { ReceiverNames, type AnswerName } from '../../support/backing-service/webhook-receiver-names.js';
import { WebhookReceiver } from '../../support/backing-service/webhook-receiver.js';
import { within } from '../../support/within.js';

const never = new AbortController().signal;
const PUBLIC_ADDRESS = '8.8.8.8';

describe('a call to the outside', () => {
  let receiver: WebhookReceiver;
  let names: ReceiverNames | undefined;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
  });
  afterEach(async () => {
    await receiver.stop();
    await names?.stop();
    names = undefined;
  });

  const clientOf = (allowedHosts: readonly string[], resolver: HostResolver = new SystemHostResolver()) =>
    new OutboundClient(new OutboundGuard({ allowedHosts, resolver }));
  const post = (client: OutboundClient, url: string, signal = never) =>
    client.post({ url, headers: {}, body: '{}' }, signal);
  const resolverOf = async (answer: AnswerName) => {
    names = await ReceiverNames.start(answer);
    return new SystemHostResolver([names.address]);
  };

  it('goes to the address that was judged, whatever a second question for the name would answer', async () => {
    const asked: string[] = [];
    const resolver: HostResolver = {
      resolve: (hostname) => {
        asked.push(hostname);
        return Promise.resolve([{ address: asked.length === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]);
      },
    };
    const other = await WebhookReceiver.start('127.0.0.2', receiver.port);
    try {
      // No name server knows the name: only the pinned address can lead there.
      const url = `http://rebinding.test:${receiver.port}/x`;
      await post(clientOf([`rebinding.test:${receiver.port}`], resolver), url);
      expect(asked).toEqual(['rebinding.test']);
      expect(receiver.posts).toHaveLength(1);
      expect(receiver.posts[0]?.headers.host).toBe(`rebinding.test:${receiver.port}`);
      expect(other.posts).toEqual([]);
    } finally {
      await other.stop();
    }
  });

  it('asks a name server once, so that one that changes its mind (DNS rebinding) is not heard', async () => {
    const resolver = await resolverOf((_, nth) => [nth === 1 ? PUBLIC_ADDRESS : '127.0.0.1']);
    const guard = new OutboundGuard({ allowedHosts: [], resolver });
    const { addresses } = await guard.resolve('https://rebinding.test/x', never);
    expect(addresses).toEqual([{ address: PUBLIC_ADDRESS, family: 4 }]);
    expect(names?.questions).toEqual(['rebinding.test']);
    await expect(guard.resolve('https://rebinding.test/x', never)).rejects.toThrow(OutboundRefusedError);
  });

  it.each([[['127.0.0.1']], [[PUBLIC_ADDRESS, '10.0.0.1']], [['169.254.169.254']]])(
    'is refused when a name server answers %s',
    async (addresses) => {
      const client = clientOf([], await resolverOf(() => addresses));
      await expect(post(client, 'https://inner.test/x')).rejects.toThrow(OutboundRefusedError);
    },
  );

  it('ends by its signal while a name server is silent', async () => {
    const client = clientOf([], await resolverOf(() => 'silence'));
    const posting = post(client, 'https://slow.test/x', AbortSignal.timeout(200));
    await expect(within('the post', posting)).rejects.toThrow(/cancel|abort/i);
  });

  it('asks the system for names the operator trusts', async () => {
    const local = await WebhookReceiver.start('localhost');
    try {
      const host = `localhost:${local.port}`;
      expect((await post(clientOf([host]), `http://${host}/x`)).status).toBe(200);
    } finally {
      await local.stop();
    }
  });

  it('takes a redirect for an answer and does not follow it', async () => {
    receiver.answer(307, { location: '/elsewhere' });
    const answer = await post(clientOf([receiver.host]), receiver.url());
    expect(answer.status).toBe(307);
    expect(receiver.posts.map(({ path }) => path)).toEqual(['/hook']);
  });

  it('reads no more of an answer than 64 KB', async () => {
    receiver.answer(500, {}, 'x'.repeat(5 * RESPONSE_CAP_BYTES));
    const answer = await post(clientOf([receiver.host]), receiver.url());
    expect(answer.body).toHaveLength(RESPONSE_CAP_BYTES);
  });

  it('ends by its signal when the receiver never answers, and leaves no connection', async () => {
    receiver.fallSilent();
    await expect(post(clientOf([receiver.host]), receiver.url(), AbortSignal.timeout(100))).rejects.toThrow(
      /abort/i,
    );
    await expect.poll(() => receiver.openConnections()).toBe(0);
  });

  it('distinguishes a receiver that refuses the connection from one that answers', async () => {
    const { host } = receiver;
    await receiver.stop();
    await expect(post(clientOf([host]), `http://${host}/x`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    receiver = await WebhookReceiver.start();
  });

  it('does not take a certificate that nobody vouches for, although the host is trusted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'launchlog-certificate-'));
    const certificate = new Certificate({ folder, names: ['DNS:inner.test'] });
    const received: string[] = [];
    const server = createServer(certificate.pair, (request, response) => {
      received.push(request.url ?? '');
      response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const host = `inner.test:${(server.address() as AddressInfo).port}`;
      const resolver: HostResolver = {
        resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
      };
      await expect(post(clientOf([host], resolver), `https://${host}/x`)).rejects.toMatchObject({
        code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      });
      expect(received).toEqual([]);
    } finally {
      server.close();
      rmSync(folder, { recursive: true });
    }
  });
});
