import { SkypilotError } from '../skypilot/error.js';

/** Of SkyPilot 0.12.0, the first that finds the requests of one cluster. */
const NEEDED = { apiVersion: 42, minor: 12 };

interface FoundVersion {
  /** Of the release. */
  readonly version: string;
  /** Of the protocol; undefined where it is not named. */
  readonly apiVersion?: number | undefined;
  /** Whose it is, for people; absent where that is plain. */
  readonly where?: string;
}

/** Throws for a SkyPilot that is too old. One that does not name its version is taken for a new one. */
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
