/** Counts what is sent to a receiver of telemetry. */
export interface TelemetryMeter {
  sent(records: number, traces: number): void;
  /** An export failed and will be repeated. */
  failed(): void;
}
