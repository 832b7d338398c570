import type { z } from 'zod';

/** The first fault of a form as a sentence: the label of its field, then what is wrong. */
export function inputFault(error: z.ZodError, labels: Readonly<Record<string, string>>): string {
  const [fault] = error.issues;
  const [field] = fault?.path ?? [];
  const label = labels[String(field)] ?? fault?.path.join('.') ?? '';
  return `${label} ${fault?.message ?? 'is wrong'}`;
}
