/** What the clouds offer for a launch now, as the orchestrator sees it. */
export interface Market {
  /** The one that would be tried first comes first. */
  readonly offers: readonly MarketOffer[];
  /** Why there is none, for people. */
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
