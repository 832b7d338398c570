import type { FailureReason } from '@launchlog/shared/node';

/** What an observation means for the launch: made by the parsers of output, read by the transition table. */
export type LaunchEvent =
  | { readonly kind: 'submitted' }
  /** A row of the optimizer's table; the price is in US dollars per hour. */
  | { readonly kind: 'offer_priced'; readonly offer: Offer; readonly price: number }
  | { readonly kind: 'offer_tried'; readonly offer: Offer }
  /** The cloud refused the offer that was being tried. */
  | { readonly kind: 'offer_failed'; readonly reason: FailureReason; readonly message: string }
  /** Progress within provisioning, from 0 to 1. */
  | { readonly kind: 'provisioning_step'; readonly fraction: number }
  | { readonly kind: 'instance_up' }
  | { readonly kind: 'installing_step'; readonly fraction: number }
  /** Progress within model loading, from 0 to 1. */
  | { readonly kind: 'model_loading_step'; readonly fraction: number }
  /** The model server reported that it has started. */
  | { readonly kind: 'startup_complete' }
  | { readonly kind: 'probed'; readonly ok: boolean; readonly attempt: number }
  | { readonly kind: 'serving'; readonly endpoint: string }
  | {
      readonly kind: 'failed';
      readonly reason: FailureReason;
      readonly message: string;
      /** What a person would try. */
      readonly hint?: string | undefined;
    };

export interface Offer {
  readonly cloud: string;
  readonly region?: string | undefined;
  readonly zone?: string | undefined;
  readonly instance?: string | undefined;
  /** `A100:8`, of a row of the optimizer's table. */
  readonly gpus?: string | undefined;
}
