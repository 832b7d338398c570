import type { IncomingHttpHeaders } from 'node:http';
import type { LaunchlogError } from '@launchlog/shared/error-code';
import type { Principal } from '../principal.js';

/**
 * Who a proxy in front says is there. `refused`: the proxy names somebody who may do nothing here. Undefined where it names
 * nobody. The headers of a proxy that is not trusted were removed before.
 */
export interface AmbientIdentity {
  read(headers: IncomingHttpHeaders, address: string): Promise<AmbientFinding | undefined>;
}

export type AmbientFinding =
  | { readonly kind: 'known'; readonly principal: Principal }
  | { readonly kind: 'refused'; readonly refusal: LaunchlogError };
