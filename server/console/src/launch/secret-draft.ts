import { launchRequestSchema } from '@launchlog/shared/launch-request';

/** A secret being typed. It exists only while its dialog is open. */
export interface SecretDraft {
  /** Identifies the row while its name is being typed. */
  readonly id: number;
  readonly name: string;
  readonly value: string;
}

type SecretsResult =
  | { readonly ok: true; readonly secrets: Readonly<Record<string, string>> | undefined }
  | { readonly ok: false; readonly problem: string };

/** Validates the rows with the server's own schema. Empty rows are ignored. */
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

interface SecretIssue {
  readonly message: string;
  readonly path: readonly PropertyKey[];
  /** Set if the name is at fault: what is wrong with it. */
  readonly issues?: readonly { readonly message: string }[];
}

function problemOf({ message, path, issues }: SecretIssue): string {
  return [...path.map(String), issues?.[0]?.message ?? message].join(': ');
}
