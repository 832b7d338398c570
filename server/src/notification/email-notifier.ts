import { createTransport, type Transporter } from 'nodemailer';
import { reasonOf } from './http-outcome.js';
import type { NotificationMessage } from './notification-message.js';
import { textOf, type NotificationText } from './notification-text.js';
import type { Notifier, SendOutcome, TargetOf } from './notifier.js';

/** Limit for each step of the conversation; the caller's signal limits all of it. */
const STEP_TIMEOUT_MS = 10_000;

interface EmailOptions {
  /** `smtp://user:password@host:587` or `smtps://…`. Configured by the operator, so trusted. */
  readonly smtpUrl: string;
  /** Address of the sender, with a name or without. */
  readonly from: string;
}

/** Sends mail by SMTP, one connection per message. The Message-ID contains the message's id, so a repeat is recognisable. */
export class EmailNotifier implements Notifier<'email'> {
  readonly #transport: Transporter;
  readonly #from: string;
  readonly #domain: string;

  constructor({ smtpUrl, from }: EmailOptions) {
    this.#transport = createTransport({
      url: smtpUrl,
      // An attacker in between could remove STARTTLS from the greeting: without TLS the password is not sent.
      requireTLS: needsTls(new URL(smtpUrl)),
      connectionTimeout: STEP_TIMEOUT_MS,
      greetingTimeout: STEP_TIMEOUT_MS,
      socketTimeout: STEP_TIMEOUT_MS,
      dnsTimeout: STEP_TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    this.#from = from;
    this.#domain = /@([^>\s]+)>?\s*$/.exec(from)?.[1] ?? 'launchlog.invalid';
  }

  async send(
    message: NotificationMessage,
    target: TargetOf<'email'>,
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    const text = textOf(message.payload);
    try {
      const sent = await this.#transport.sendMail({
        from: this.#from,
        to: [...target.to],
        subject: `[Launchlog] ${text.headline}`,
        text: bodyOf(text),
        date: message.payload.timestamp,
        messageId: `<${message.id}@${this.#domain}>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Launchlog-Event': message.payload.type },
        signal,
      });
      const refused = sent.rejected ?? [];
      const exception = refused.length === 0 ? '' : `; refused for: ${refused.join(', ')}`;
      return { kind: 'delivered', responseStatus: statusOf(sent.response), detail: `accepted${exception}` };
    } catch (error) {
      return signal.aborted
        ? { kind: 'failed', retryable: true, detail: reasonOf(signal) }
        : outcomeOfSmtpError(error);
    }
  }
}

function needsTls(url: URL): boolean {
  const loopback =
    url.hostname === 'localhost' || url.hostname === '[::1]' || url.hostname.startsWith('127.');
  return url.protocol === 'smtp:' && url.password !== '' && !loopback;
}

function bodyOf(text: NotificationText): string {
  const facts = text.facts.map(([label, value]) => `${label}: ${value}`);
  const paragraphs = [`${text.headline}.`, text.explanation, facts.join('\n'), text.link ?? ''];
  return `${paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')}\n`;
}

/** Errors about the recipients or the message itself. Any other concerns the set-up, which the operator can repair. */
const CODES_OF_THE_MESSAGE: ReadonlySet<unknown> = new Set(['EENVELOPE', 'EMESSAGE']);

/** 4xx is temporary and 5xx permanent (RFC 5321). */
function outcomeOfSmtpError(error: unknown): SendOutcome {
  const { code, responseCode } = (error ?? {}) as { code?: unknown; responseCode?: unknown };
  const status = typeof responseCode === 'number' ? responseCode : undefined;
  const final = status !== undefined && status >= 500 && CODES_OF_THE_MESSAGE.has(code);
  const words = typeof code === 'string' ? code : 'unknown error';
  return {
    kind: 'failed',
    retryable: !final,
    responseStatus: status,
    detail: status === undefined ? `no answer: ${words}` : `the mail server answered ${status} (${words})`,
  };
}

function statusOf(response = ''): number | undefined {
  const [code] = /^\d{3}/.exec(response) ?? [];
  return code === undefined ? undefined : Number(code);
}
