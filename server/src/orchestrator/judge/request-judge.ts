import type { LaunchRequest } from '@launchlog/shared/launch-request';

/** What a provider offers. Undefined: not known. */
export interface ProviderTraits {
  /** It has spot machines. */
  readonly spot?: boolean | undefined;
  /** A port of a machine can be opened, so that the model server is reached. */
  readonly ports?: boolean | undefined;
}

/** Knows at once some of what a launch would find out. It never rejects: what it cannot ask is not known. */
export interface RequestJudge {
  /** May take seconds when a provider is asked about for the first time; callers bound their wait. */
  traits(provider: string): Promise<ProviderTraits>;
  /** Why the launch would be refused whatever happens, in one sentence for people; undefined where nothing is known. */
  refusal(request: LaunchRequest): Promise<string | undefined>;
}
