import { SkypilotError } from '../skypilot/error.js';

/** The protocol and the minor version of SkyPilot 0.12.0, the first release that finds the requests of one cluster. */
const NEEDED = { apiVersion: 42, minor: 12 };

interface FoundVersion {
  /** The version of the release. */
  readonly version: string;
  /** The version of the protocol; undefined if it is not reported. */
  readonly apiVersion?: number | undefined;
  /** The program of this version, for people; absent if that is plain. */
  readonly where?: string;
}

/** Throws for a SkyPilot that is too old. One without a version counts as new. */
export function expectNewEnough({ version, apiVersion, where }: FoundVersion): void {
  const [, minor] = /^0\.(\d+)\b/.exec(version) ?? [];
  const isOld =
    apiVersion === undefined
      ? minor !== undefined && Number(minor) < NEEDED.minor
      : apiVersion < NEEDED.apiVersion;
  if (!isOld) return;
  const found = where === undefined ? version : `${version} (${where})`;
  throw new SkypilotError('version', `SkyPilot ${found} is too old: Launchlog needs 0.12 or newer`);
}
