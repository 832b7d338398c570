import { useServices } from '../services.js';
import { useStore } from '../ui/store.js';
import type { Rights } from './rights.js';

const NO_RIGHTS: Rights = { name: '', mayLaunch: false, deploymentId: undefined, tenantId: undefined };

export function useRights(): Rights {
  const state = useStore(useServices().session.store);
  return state.kind === 'signed_in' ? state.session.rights : NO_RIGHTS;
}
