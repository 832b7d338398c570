import { useSimulated } from '../node/use-simulated.js';

/** Keeps simulated launches from being taken for real ones. */
export function SimulatedBadge() {
  if (!useSimulated()) return undefined;
  return (
    <span
      className="simulated"
      title="This server simulates its launches. Nothing starts and nothing costs money."
    >
      Simulated
    </span>
  );
}
