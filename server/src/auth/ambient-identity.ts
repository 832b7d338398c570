import type { IncomingHttpHeaders } from 'node:http';
import type { LaunchlogError } from '@launchlog/shared/error-code';
import type { Principal } from '../principal.js';

/**
 * Reads the person that a trusted proxy names in its headers. `refused`: that person has no rights here. Undefined if the proxy
 * names nobody. The headers of an untrusted proxy were removed before.
 */
export interface AmbientIdentity {
  read(headers: IncomingHttpHeaders, address: string): Promise<AmbientFinding | undefined>;
}

export type AmbientFinding =
  | { readonly kind: 'known'; readonly principal: Principal }
  | { readonly kind: 'refused'; readonly refusal: LaunchlogError };
