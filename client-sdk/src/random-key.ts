const KEY_BYTES = 16;

/** 32 hexadecimal digits. `crypto.randomUUID` is missing in pages that are served without TLS; this is not. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
