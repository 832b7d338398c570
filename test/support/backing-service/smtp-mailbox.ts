import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly source: string;
}

interface OpenConnection {
  readonly _socket: Socket;
}

/** A real SMTP server that keeps what it is sent. */
export class SmtpMailbox {
  readonly mails: ReceivedMail[] = [];
  readonly #server: SMTPServer;

  static async start(options: SMTPServerOptions = {}): Promise<SmtpMailbox> {
    const mailbox = new SmtpMailbox(options);
    mailbox.#server.listen(0, '127.0.0.1');
    await once(mailbox.#server.server, 'listening');
    return mailbox;
  }

  private constructor(options: SMTPServerOptions) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      ...options,
      onData: (stream, session, callback) => {
        const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
        const to = session.envelope.rcptTo.map(({ address }) => address);
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          this.mails.push({ from, to, source: Buffer.concat(chunks).toString('utf8') });
          callback();
        });
      },
    });
    this.#server.on('error', () => undefined);
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  get openConnections(): number {
    return this.#server.connections.size;
  }

  /** Ends every conversation in the middle. */
  hangUp(): void {
    for (const connection of this.#server.connections as Set<OpenConnection>) connection._socket.destroy();
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}
