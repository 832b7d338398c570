import { useSimulated } from '../node/use-simulated.js';

/** Nobody may take a simulated launch for a real one. */
export function SimulatedBadge() {
  if (!useSimulated()) return undefined;
  return (
    <span
      className="simulated"
      title="This server simulates its launches. Nothing is started and nothing costs money."
    >
      Simulated
    </span>
  );
}
