import type { Clock } from '../clock.js';
import { WokenLoop } from '../wait/woken-loop.js';
import type { BudgetStore } from './budget-store.js';

interface BudgetReviewOptions {
  readonly store: Pick<BudgetStore, 'review'>;
  readonly clock: Clock;
  readonly onProblem: (problem: string, error: unknown) => void;
  /** After a review: there may be notifications to send. */
  readonly onReviewed: () => void;
}

const EVERY_MS = 5_000;

/** Compares what runs with the budgets, every few seconds and when something has changed. */
export class BudgetReview {
  readonly #loop: WokenLoop;

  constructor({ store, clock, onProblem, onReviewed }: BudgetReviewOptions) {
    this.#loop = new WokenLoop({
      clock,
      async round() {
        await store.review();
        onReviewed();
      },
      pauseMs: (failures) => EVERY_MS * Math.min(12, 1 + failures),
      onFailure: (error) => onProblem('the budgets could not be reviewed', error),
      wakesAfterFailure: false,
    });
  }

  start(): void {
    this.#loop.start();
  }

  wake(): void {
    this.#loop.wake();
  }

  /** Idempotent. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }
}
