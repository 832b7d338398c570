import type { SkypilotFailure } from './request-record.js';

/** Why SkyPilot could not be asked, or its answer not be used. */
export type SkypilotErrorKind =
  // Nothing answered; ask again.
  | 'unreachable'
  // It cannot answer now, or did not finish in time; ask again later.
  | 'busy'
  // It does not know the id.
  | 'not_found'
  // Asking again changes nothing.
  | 'credentials'
  | 'version'
  | 'refused'
  // This is not SkyPilot, or a version of it that Launchlog does not understand.
  | 'protocol';

/** A call that SkyPilot did not answer. The message is for people and holds no secret. */
export class SkypilotError extends Error {
  readonly kind: SkypilotErrorKind;

  constructor(kind: SkypilotErrorKind, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'SkypilotError';
    this.kind = kind;
  }

  /** Whether the same call may succeed later. */
  get passing(): boolean {
    return this.kind === 'unreachable' || this.kind === 'busy';
  }
}

/** SkyPilot ran a request, and the request failed there. It would fail again. */
export class SkypilotRequestError extends Error {
  readonly failure: SkypilotFailure;

  constructor(failure: SkypilotFailure, message = failure.message) {
    super(message);
    this.name = 'SkypilotRequestError';
    this.failure = failure;
  }
}
