import { z } from 'zod';
import type { StrayService } from '../../stray/stray-service.js';
import { procedureFor, router } from '../procedure.js';

export interface StrayRouterServices {
  readonly strays: Pick<StrayService, keyof StrayService>;
}

const strayInput = z.strictObject({ name: z.string({ error: 'must be a string' }) });

export function createStrayRouter({ strays }: StrayRouterServices) {
  return router({
    list: procedureFor('strays.list').query(async () => ({ strays: await strays.list() })),
    terminate: procedureFor('strays.terminate')
      .input(strayInput)
      .mutation(({ input, ctx }) => strays.terminate(ctx.principal, input.name)),
  });
}
