import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { SMTPServerOptions } from 'smtp-server';
import { EmailNotifier } from '@launchlog/server/notification/email-notifier';
import { launchPayload, messageOf } from '@launchlog/server/notification/notification-message';
import { sampleNode } from '../../support/sample/sample-node.js';
import { SmtpMailbox } from '../../support/backing-service/smtp-mailbox.js';
import { within } from '../../support/within.js';

const never = new AbortController().signal;
const timestamp = '2026-01-01T00:05:00.000Z';
const target = { kind: 'email' as const, to: ['ops@example.com', 'lead@example.com'] };

function messageFor(failureMessage = 'The quota for A100 is used up.') {
  const node = sampleNode({ status: 'failed', phase: 'failed', failureReason: 'quota', failureMessage });
  const context = { timestamp, publicUrl: 'https://launchlog.example.com' };
  return messageOf('7f0c', launchPayload('launch.failed', node, context));
}

describe('notifications by e-mail', () => {
  let mailbox: SmtpMailbox | undefined;

  afterEach(async () => {
    await mailbox?.stop();
    mailbox = undefined;
  });

  async function send(options: SMTPServerOptions = {}, credentials = '', message = messageFor()) {
    mailbox = await SmtpMailbox.start(options);
    const smtpUrl = mailbox.url.replace('smtp://', `smtp://${credentials}`);
    const notifier = new EmailNotifier({ smtpUrl, from: 'Launchlog <launchlog@example.com>' });
    return notifier.send(message, target, never);
  }
  const refusing = (responseCode: number, only?: string): SMTPServerOptions => ({
    onRcptTo: ({ address }, _session, callback) => {
      const refused = only === undefined || address === only;
      callback(refused ? Object.assign(new Error('no such mailbox'), { responseCode }) : null);
    },
  });

  it('reach every recipient, with the facts, a link and an id that a repeat shares', async () => {
    expect(await send()).toEqual({ kind: 'delivered', responseStatus: 250, detail: 'accepted' });
    const [mail] = mailbox!.mails;
    expect(mail).toMatchObject({ from: 'launchlog@example.com', to: target.to });
    const source = mail!.source.replace(/=\r?\n/g, '').replace(/\r\n[ \t]/g, ' ');
    expect(source).toContain('Subject: [Launchlog] cic-aws-uswest2-a100-spot-550e84 failed to launch');
    expect(source).toContain('Message-ID: <7f0c@example.com>');
    expect(source).toContain('Auto-Submitted: auto-generated');
    expect(source).toContain('The quota for A100 is used up.');
    expect(source).toContain('Reason: quota');
    expect(source).toContain('https://launchlog.example.com/nodes/550e8400-e29b-41d4-a716-446655440000');
  });

  it('carry no header and no command from the error text of a cloud', async () => {
    const hostile = 'x\r\n.\r\nMAIL FROM:<evil@example.com>\r\nBcc: all@example.com\r\n\r\n.\r\nQUIT';
    expect(await send({}, '', messageFor(hostile))).toMatchObject({ kind: 'delivered' });
    expect(mailbox!.mails).toHaveLength(1);
    const [head = ''] = mailbox!.mails[0]!.source.split('\r\n\r\n');
    expect(head).not.toMatch(/^bcc/im);
    expect(mailbox!.mails[0]!.to).toEqual(target.to);
  });

  it('are delivered when some recipients are refused, and name those', async () => {
    expect(await send(refusing(550, 'lead@example.com'))).toMatchObject({
      kind: 'delivered',
      detail: 'accepted; refused for: lead@example.com',
    });
    expect(mailbox!.mails[0]!.to).toEqual(['ops@example.com']);
  });

  it.each([
    [550, false],
    [451, true],
  ])('fail with the status %d of the mail server, retryable: %s', async (status, retryable) => {
    expect(await send(refusing(status))).toMatchObject({ kind: 'failed', retryable, responseStatus: status });
  });

  it('are sent with the credentials of the URL, and a wrong password is retryable', async () => {
    const secured: SMTPServerOptions = {
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, callback) =>
        username === 'user' && password === 'p@ss'
          ? callback(null, { user: username })
          : callback(Object.assign(new Error('wrong password'), { responseCode: 535 })),
    };
    expect(await send(secured, 'user:p%40ss@')).toMatchObject({ kind: 'delivered' });
    await mailbox!.stop();
    const refused = await send(secured, 'user:wr0ng@');
    expect(refused).toMatchObject({ kind: 'failed', retryable: true, responseStatus: 535 });
    expect(JSON.stringify(refused)).not.toContain('wr0ng');
  });

  it('never send a password unencrypted to another machine', async () => {
    const authenticated: string[] = [];
    mailbox = await SmtpMailbox.start({
      allowInsecureAuth: true,
      onAuth: ({ username = '' }, _session, callback) => {
        authenticated.push(username);
        callback(null, { user: username });
      },
    });
    // The same machine by a name that does not say so.
    const smtpUrl = `smtp://user:secret@0.0.0.0:${mailbox.port}`;
    const outcome = await new EmailNotifier({ smtpUrl, from: 'a@example.com' }).send(
      messageFor(),
      target,
      never,
    );
    expect(outcome).toMatchObject({ kind: 'failed', retryable: true });
    expect(authenticated).toEqual([]);
    expect(mailbox.mails).toEqual([]);
  });

  it('end when their signal is aborted before the mail server greets, and fail when there is no mail server', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const notifier = new EmailNotifier({ smtpUrl: `smtp://127.0.0.1:${port}`, from: 'a@example.com' });
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('no answer within 0.1 s')), 100);
    expect(await within('the attempt', notifier.send(messageFor(), target, stop.signal))).toEqual({
      kind: 'failed',
      retryable: true,
      detail: 'no answer within 0.1 s',
    });
    silent.close();
    await once(silent, 'close');
    expect(await notifier.send(messageFor(), target, never)).toMatchObject({
      kind: 'failed',
      retryable: true,
    });
  });
});
