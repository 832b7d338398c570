import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

const KEY_BYTES = 32;
const SIGNED_MAX_CHARACTERS = 1_024;

/** Signs small claims for later requests. Every server with the same secret can verify them. */
export class ClaimSigner {
  readonly #key: Buffer;

  /** `purpose` prevents claims signed for one use from being accepted for another. */
  constructor(secret: string, purpose: string) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, 'launchlog', purpose, KEY_BYTES));
  }

  /** The result is safe in URLs and cookies. It is not encrypted. */
  sign(claims: Readonly<Record<string, string | number>>): string {
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return `${body}.${this.#seal(body).toString('base64url')}`;
  }

  /** Undefined if it was not signed with this secret for this purpose. */
  read(signed: string): Readonly<Record<string, unknown>> | undefined {
    if (signed.length > SIGNED_MAX_CHARACTERS) return undefined;
    const [body, seal, ...rest] = signed.split('.');
    if (body === undefined || seal === undefined || rest.length > 0) return undefined;
    const expected = this.#seal(body);
    const given = Buffer.from(seal, 'base64url');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Record<string, unknown>;
  }

  #seal(body: string): Buffer {
    return createHmac('sha256', this.#key).update(body).digest();
  }
}
