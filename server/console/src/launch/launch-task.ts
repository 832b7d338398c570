import type { LaunchRequest, LaunchResult } from '@launchlog/sdk';
import type { LaunchForm, LaunchFormErrors } from './launch-form.js';

interface SentLaunch {
  readonly form: LaunchForm;
  readonly secrets: Readonly<Record<string, string>> | undefined;
  /** The same for the same content, so that pressing the button repeatedly launches one node. */
  readonly idempotencyKey: string;
}

/** What the launch form is for: a new launch, or another one like that of a node. */
export interface LaunchTask {
  readonly title: string;
  /** The label of the button that launches. */
  readonly action: string;
  readonly initial: LaunchForm;
  /** The secrets that the first launch had. */
  readonly secretNames: readonly string[];
  /** What the form does not show and the launch has; undefined if nothing. */
  readonly note: string | undefined;
  readonly read: (form: LaunchForm) => ReadTask;
  readonly send: (launch: SentLaunch) => Promise<LaunchResult>;
}

type ReadTask =
  | { readonly ok: true; readonly request: LaunchRequest }
  | { readonly ok: false; readonly errors: LaunchFormErrors };
