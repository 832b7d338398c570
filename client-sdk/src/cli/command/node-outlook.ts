import type { Node } from '@launchlog/shared/node';

/** What `launchlog wait` waits for. `ended`: nothing of the node is left to wait for. */
export const AWAITED_STATES = ['active', 'ended', 'lost'] as const;
export type AwaitedState = (typeof AWAITED_STATES)[number];

/** Whether a node is in the state, may still get there, or never will. A status of a newer server is waited out. */
export function outlookOf(
  { status }: Pick<Node, 'status'>,
  state: AwaitedState,
): 'reached' | 'pending' | 'impossible' {
  const over = status === 'failed' || status === 'terminated' || status === 'lost';
  switch (state) {
    case 'active':
      if (status === 'active') return 'reached';
      return over || status === 'terminating' ? 'impossible' : 'pending';
    case 'ended':
      return over ? 'reached' : 'pending';
    case 'lost':
      if (status === 'lost') return 'reached';
      return over ? 'impossible' : 'pending';
  }
}
