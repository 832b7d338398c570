import type { LaunchRequest } from '@launchlog/sdk';
import { z } from 'zod';

/** One of several machines that would do, as typed. What is empty is as in the form. */
export const alternativeDraftSchema = z.object({
  provider: z.string(),
  region: z.string(),
  gpu: z.string(),
  count: z.string(),
  spot: z.enum(['', 'spot', 'on demand']),
});
export type AlternativeDraft = z.infer<typeof alternativeDraftSchema>;

type Alternatives = NonNullable<LaunchRequest['anyOf']>;

export const EMPTY_ALTERNATIVE: AlternativeDraft = { provider: '', region: '', gpu: '', count: '', spot: '' };

/** As the server takes them; undefined for none. The schema judges what was typed. */
export function alternativesOf(
  drafts: readonly AlternativeDraft[],
  provider: string,
): readonly object[] | undefined {
  if (drafts.length === 0) return undefined;
  return drafts.map((draft) => {
    const { region, gpu, count, spot } = draft;
    const machine = {
      ...(draft.provider !== '' && { provider: draft.provider }),
      ...(region.trim() !== '' && { region: region.trim() }),
      ...(gpu.trim() !== '' && { gpu: gpu.trim() }),
      ...(count.trim() !== '' && { count: Number(count) }),
      ...(spot !== '' && { spot: spot === 'spot' }),
    };
    // The machine of the form itself. A command line has no word for a machine without any word.
    return Object.keys(machine).length === 0 && provider !== '' ? { provider } : machine;
  });
}

export function alternativeDrafts(alternatives: Alternatives | undefined): AlternativeDraft[] {
  return (alternatives ?? []).map(({ provider = '', region = '', gpu = '', count, spot }) => ({
    provider,
    region,
    gpu,
    count: count === undefined ? '' : String(count),
    spot: spot === undefined ? '' : spot ? 'spot' : 'on demand',
  }));
}
