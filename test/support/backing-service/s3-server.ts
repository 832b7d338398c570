import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is used of the package, which has no types. */
interface S3rver {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}
type S3rverConstructor = new (options: {
  readonly address: string;
  readonly port: number;
  readonly silent: boolean;
  readonly directory: string;
  readonly configureBuckets: readonly { readonly name: string }[];
}) => S3rver;

const S3rverClass = createRequire(import.meta.url)('s3rver') as S3rverConstructor;

/** The only ones the server knows. */
export const S3_CREDENTIALS = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };

/** An S3-compatible server on loopback. It keeps its port and its objects when it goes down and comes up again. */
export class S3Server {
  readonly bucket = 'launchlogs';
  readonly #folder: string;
  #server: S3rver | undefined;
  #port = 0;

  static async start(): Promise<S3Server> {
    const server = new S3Server(await mkdtemp(join(tmpdir(), 'launchlog-s3-')));
    await server.up();
    return server;
  }

  private constructor(folder: string) {
    this.#folder = folder;
  }

  get archiveUrl(): string {
    return `s3://${this.bucket}/kept/logs?endpoint=http://127.0.0.1:${this.#port}`;
  }

  async up(): Promise<void> {
    this.#server = new S3rverClass({
      address: '127.0.0.1',
      port: this.#port,
      silent: true,
      directory: this.#folder,
      configureBuckets: [{ name: this.bucket }],
    });
    this.#port = (await this.#server.run()).port;
  }

  async down(): Promise<void> {
    await this.#server?.close();
    this.#server = undefined;
  }

  async close(): Promise<void> {
    await this.down();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
