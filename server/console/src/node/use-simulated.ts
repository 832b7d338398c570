import { useSession } from '../session/session-store.js';
import { useStore } from '../state/store.js';
import { useNodes } from './nodes-store.js';

/** Whether the server simulates its launches: what it said at sign-in, else what the newest node says. */
export function useSimulated(): boolean {
  const session = useSession();
  const nodes = useNodes();
  const state = useStore(session.store);
  const newest = useStore(nodes.store).nodes[0];
  const said = state.kind === 'signed_in' ? state.session.orchestrator : undefined;
  return (said ?? newest?.orchestrator) === 'simulated';
}
