import { useState } from 'react';
import type { SecretDraft } from './secret-draft.js';
import { readSecretDrafts } from './secret-draft.js';

/**
 * The secrets of the form, beginning with those of the first launch, whose values the server did not keep. After a failed
 * check, the problem updates as the reader types.
 */
export function useSecretDrafts(names: readonly string[]) {
  const [drafts, setDrafts] = useState<readonly SecretDraft[]>(() =>
    names.map((name, index) => ({ id: -1 - index, name, value: '' })),
  );
  const [problem, setProblem] = useState<string>();
  const change = (next: readonly SecretDraft[]) => {
    setDrafts(next);
    if (problem !== undefined) setProblem(problemOf(next));
  };
  const check = () => {
    setProblem(problemOf(drafts));
    return problemOf(drafts) === undefined;
  };
  const given = drafts.map(({ name }) => name.trim()).filter((name) => name !== '');
  return { drafts, names: given, problem, change, check };
}

function problemOf(drafts: readonly SecretDraft[]): string | undefined {
  const result = readSecretDrafts(drafts);
  return result.ok ? undefined : result.problem;
}
