import type { FailureReason } from '@launchlog/shared/node';

/** What an observation means for the launch. The parsers of output make these; the transition table takes them. */
export type LaunchEvent =
  | { readonly kind: 'submitted' }
  /** The optimizer's table: an offer and its price, US dollars per hour. */
  | { readonly kind: 'offer_priced'; readonly offer: Offer; readonly price: number }
  | { readonly kind: 'offer_tried'; readonly offer: Offer }
  /** The offer being tried cannot be had. */
  | { readonly kind: 'offer_failed'; readonly reason: FailureReason; readonly message: string }
  /** Still provisioning, further along; from 0 to 1 of the phase. */
  | { readonly kind: 'provisioning_step'; readonly fraction: number }
  | { readonly kind: 'instance_up' }
  | { readonly kind: 'installing_step'; readonly fraction: number }
  /** Loading the model, from 0 to 1 of the phase. */
  | { readonly kind: 'model_loading_step'; readonly fraction: number }
  /** The model server says that it has started. */
  | { readonly kind: 'startup_complete' }
  | { readonly kind: 'probed'; readonly ok: boolean; readonly attempt: number }
  | { readonly kind: 'serving'; readonly endpoint: string }
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message: string };

export interface Offer {
  readonly cloud: string;
  readonly region?: string | undefined;
  readonly zone?: string | undefined;
  readonly instance?: string | undefined;
}
