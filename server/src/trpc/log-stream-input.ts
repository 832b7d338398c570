import { z } from 'zod';
import { cursorSchema } from '@launchlog/shared/cursor';
import { nodeIdSchema } from '@launchlog/shared/launch-request';
import { logStreamQuerySchema } from '@launchlog/shared/log-query';
import type { LogStreamQuery } from '@launchlog/shared/log-query';

export const logStreamInputSchema = z.strictObject({
  nodeId: nodeIdSchema,
  ...logStreamQuerySchema.shape,
  /** Set by the client library when it subscribes again: the id of the last item it had. It beats `cursor`. */
  lastEventId: cursorSchema.nullish(),
});

/** What the feed is asked for. */
export function streamQuery(input: z.output<typeof logStreamInputSchema>): LogStreamQuery {
  const { nodeId: _, lastEventId, ...query } = input;
  return lastEventId === undefined || lastEventId === null ? query : { ...query, cursor: lastEventId };
}
