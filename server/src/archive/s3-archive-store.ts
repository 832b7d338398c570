import type * as S3 from '@aws-sdk/client-s3';
import type { OutboundHttp } from '../outbound/outbound-http.js';
import { ArchiveTooLargeError, type ArchiveStore } from './archive-store.js';

export interface S3Location {
  readonly bucket: string;
  /** Without leading or trailing slashes; may be empty. */
  readonly prefix: string;
  /** URL of a store other than Amazon's. */
  readonly endpoint: string | undefined;
  readonly region: string;
}

/** Attempts of one call inside the SDK, for brief faults; the caller repeats calls that still fail. */
const TRIES = 2;

/**
 * Stores archives in S3 or a compatible store. Credentials are found as every AWS program finds them:
 * AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the role of the machine.
 */
export class S3ArchiveStore implements ArchiveStore {
  readonly location: string;
  readonly #s3: typeof S3;
  readonly #client: S3.S3Client;
  readonly #target: S3Location;

  /** Rejects where the optional package `@aws-sdk/client-s3` is not installed. */
  static async open(target: S3Location, outbound?: OutboundHttp): Promise<S3ArchiveStore> {
    const s3 = await import('@aws-sdk/client-s3').catch((cause: unknown) => {
      throw new Error('ARCHIVE_URL names S3, but the package @aws-sdk/client-s3 is not installed', { cause });
    });
    return new S3ArchiveStore(s3, target, outbound);
  }

  private constructor(s3: typeof S3, target: S3Location, outbound: OutboundHttp | undefined) {
    this.location = `s3://${target.bucket}/${target.prefix}`;
    this.#s3 = s3;
    this.#target = target;
    this.#client = new s3.S3Client({
      region: target.region,
      maxAttempts: TRIES,
      // Compatible stores support neither the bucket as a host name nor Amazon's newer checksums; the ledger has our own.
      ...(target.endpoint !== undefined && { endpoint: target.endpoint, forcePathStyle: true }),
      ...agentsFor(target, outbound),
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
  }

  async put(name: string, bytes: Uint8Array, abortSignal: AbortSignal): Promise<void> {
    const ContentType = name.endsWith('.json') ? 'application/json' : 'application/gzip';
    const command = new this.#s3.PutObjectCommand({ ...this.#key(name), Body: bytes, ContentType });
    await this.#client.send(command, { abortSignal });
  }

  async get(name: string, maxBytes: number, abortSignal: AbortSignal): Promise<Uint8Array | undefined> {
    try {
      const command = new this.#s3.GetObjectCommand(this.#key(name));
      const { Body, ContentLength = 0 } = await this.#client.send(command, { abortSignal });
      if (ContentLength > maxBytes) throw new ArchiveTooLargeError(name, maxBytes);
      return await Body?.transformToByteArray();
    } catch (error) {
      if (error instanceof this.#s3.NoSuchKey || error instanceof this.#s3.NotFound) return undefined;
      throw error;
    }
  }

  async remove(name: string, abortSignal: AbortSignal): Promise<void> {
    await this.#client.send(new this.#s3.DeleteObjectCommand(this.#key(name)), { abortSignal });
  }

  close(): void {
    this.#client.destroy();
  }

  #key(name: string): { readonly Bucket: string; readonly Key: string } {
    const { bucket, prefix } = this.#target;
    return { Bucket: bucket, Key: prefix === '' ? name : `${prefix}/${name}` };
  }
}

/** One store has one address, so one agent serves all calls; undefined stands for a direct connection. */
function agentsFor(
  { endpoint, bucket, region }: S3Location,
  outbound: OutboundHttp | undefined,
): S3.S3ClientConfig {
  const agent = outbound?.agentFor(endpoint ?? `https://${bucket}.s3.${region}.amazonaws.com`);
  return agent === undefined ? {} : { requestHandler: { httpAgent: agent, httpsAgent: agent } };
}
