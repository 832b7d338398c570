import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ownerOnlyText } from '../owner-only-file.js';

export interface AdminToken {
  readonly token: string;
  /** Undefined if the token was configured. */
  readonly file: string | undefined;
  /** Short enough to be guessed; the server warns of it at the start. */
  readonly weak: boolean;
}

const FILE_NAME = 'admin-token';
const TOKEN_BYTES = 32;
const STRONG_MIN_CHARACTERS = 32;

/** The configured token, or else the one in the data directory, which is created at the first start. */
export async function provideAdminToken(
  configured: string | undefined,
  dataDir: string,
): Promise<AdminToken> {
  const file = configured === undefined ? join(dataDir, FILE_NAME) : undefined;
  const token = configured ?? (await ownerOnlyText(join(dataDir, FILE_NAME), newToken));
  requireUsable(token, file ?? 'ADMIN_TOKEN');
  return { token, file, weak: isGuessable(token) };
}

/** A guessable token is delayed together with its address after failed sign-ins, so that guesses do not find it. See decision 152. */
export function isGuessable(token: string): boolean {
  return token.length < STRONG_MIN_CHARACTERS;
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** A token with other characters cannot be sent in a header, so nobody could use it. */
function requireUsable(token: string, origin: string): void {
  if (/^[\x21-\x7e]+$/.test(token)) return;
  throw new Error(`${origin}: the admin token must be printable ASCII characters without spaces`);
}
