import { launchRequestSchema } from '@launchlog/shared/launch-request';

/** A secret as it is typed. It lives as long as its dialog and is kept nowhere. */
export interface SecretDraft {
  /** Tells rows apart while names are typed. */
  readonly id: number;
  readonly name: string;
  readonly value: string;
}

export type SecretsResult =
  | { readonly ok: true; readonly secrets: Readonly<Record<string, string>> | undefined }
  | { readonly ok: false; readonly problem: string };

/** Reads the rows by the server's own schema. Rows in which nothing was typed do not count. */
export function readSecretDrafts(drafts: readonly SecretDraft[]): SecretsResult {
  const given = drafts.filter(({ name, value }) => name !== '' || value !== '');
  if (given.length === 0) return { ok: true, secrets: undefined };
  const names = given.map(({ name }) => name.trim());
  if (names.includes('')) return { ok: false, problem: 'every secret needs a name' };
  if (new Set(names).size < names.length) return { ok: false, problem: 'names must differ' };
  const entries = given.map(({ value }, index) => [names[index], value]);
  const parsed = launchRequestSchema.shape.secrets.safeParse(Object.fromEntries(entries));
  if (parsed.success) return { ok: true, secrets: parsed.data };
  return { ok: false, problem: parsed.error.issues.map(problemOf)[0] ?? 'cannot be used' };
}

interface Issue {
  readonly message: string;
  readonly path: readonly PropertyKey[];
  /** What is wrong with a name, where it is the name. */
  readonly issues?: readonly { readonly message: string }[];
}

function problemOf({ message, path, issues }: Issue): string {
  return [...path.map(String), issues?.[0]?.message ?? message].join(': ');
}
