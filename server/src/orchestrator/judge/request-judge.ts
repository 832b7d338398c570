import type { LaunchRequest } from '@launchlog/shared/launch-request';

/** What a provider offers. An undefined field is unknown. */
export interface ProviderTraits {
  /** Whether it has spot machines. */
  readonly spot?: boolean | undefined;
  /** Whether a port of a machine can be opened, so that the model server can be reached. */
  readonly ports?: boolean | undefined;
}

/** Finds in advance some faults that a launch would find. It never rejects: what it cannot find out is unknown. */
export interface RequestJudge {
  /** The traits of a provider. The first question about a provider may take seconds; callers limit their wait. */
  traits(provider: string): Promise<ProviderTraits>;
  /** Why the launch would certainly be refused, in one sentence for people; undefined if no reason is known. */
  refusal(request: LaunchRequest): Promise<string | undefined>;
}
