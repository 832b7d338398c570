import { useSession } from '../session/session-store.js';
import { useStore } from '../state/store.js';
import { useNodesStore } from './nodes-store.js';

/** Whether the server simulates its launches: according to the session, or else to the newest node. */
export function useSimulated(): boolean {
  const session = useSession();
  const nodes = useNodesStore();
  const state = useStore(session.store);
  const newest = useStore(nodes.store).nodes[0];
  const orchestrator = state.kind === 'signed_in' ? state.session.orchestrator : undefined;
  return (orchestrator ?? newest?.orchestrator) === 'simulated';
}
