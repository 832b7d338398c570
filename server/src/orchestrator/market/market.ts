/** The present offers of the clouds for a launch, by the orchestrator. */
export interface Market {
  /** In the order in which they would be tried. */
  readonly offers: readonly MarketOffer[];
  /** Why there is no offer, for people. */
  readonly problem?: string | undefined;
}

export interface MarketOffer {
  /** SkyPilot's display name. */
  readonly cloud: string;
  readonly region?: string | undefined;
  readonly zone?: string | undefined;
  readonly instance?: string | undefined;
  /** `A100:8`. */
  readonly gpus?: string | undefined;
  readonly spot: boolean;
  /** US dollars per hour; undefined if it is not known. */
  readonly price?: number | undefined;
}
