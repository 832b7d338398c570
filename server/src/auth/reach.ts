import { LaunchlogError } from '@launchlog/shared/error-code';
import type { Belonging } from '../node/belonging.js';
import { withinReach, type Principal } from './principal.js';

/** A query over many nodes, narrowed to those the caller may see; refused where it may see none of them. */
export function requireReach<Query extends object>(
  principal: Principal,
  query: Query & Belonging,
): Query & Belonging {
  const narrowed = withinReach(principal, query);
  if (narrowed !== undefined) return narrowed;
  throw new LaunchlogError('forbidden', 'this credential does not reach these nodes');
}
