import { useServices } from '../services.js';
import { useStore } from '../ui/store.js';

/** Whether the server simulates its launches: what it said at sign-in, else what the newest node says. */
export function useSimulated(): boolean {
  const { session, nodes } = useServices();
  const state = useStore(session.store);
  const newest = useStore(nodes.store).nodes[0];
  const said = state.kind === 'signed_in' ? state.session.orchestrator : undefined;
  return (said ?? newest?.orchestrator) === 'simulated';
}
