/** Notes the calls that one launch makes to the orchestrator that runs it. */
export interface CallLog {
  /** Notes that a call begins. The result is called once, when it ends: with the error if it failed. Neither throws. */
  begin(name: string): (error?: unknown) => void;
}
