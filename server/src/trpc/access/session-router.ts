import { z } from 'zod';
import { sessionListQuerySchema } from '@launchlog/shared/session';
import type { IdentityService } from '../../auth/identity-service.js';
import type { SessionService } from '../../auth/session/session-service.js';
import { parseId } from '../../edge/input-problem.js';
import { procedureFor, router } from '../procedure.js';

export interface SessionRouterServices {
  readonly sessions: Pick<SessionService, 'list' | 'end'>;
  readonly identities: Pick<IdentityService, 'describe'>;
}

const sessionInput = z.strictObject({ id: z.string({ error: 'must be a string' }) });

export function createSessionRouter({ sessions, identities }: SessionRouterServices) {
  return router({
    whoami: procedureFor('sessions.whoami').query(({ ctx }) => identities.describe(ctx.principal)),
    list: procedureFor('sessions.list')
      .input(sessionListQuerySchema.prefault({}))
      .query(async ({ input, ctx }) => ({ sessions: await sessions.list(ctx.principal, input) })),
    end: procedureFor('sessions.end')
      .input(sessionInput)
      .mutation(({ input, ctx }) => sessions.end(ctx.principal, parseId('session', input.id))),
  });
}
