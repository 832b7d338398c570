import type { Clock } from '../clock.js';
import { WokenLoop } from '../wait/woken-loop.js';
import type { BudgetStore } from './budget-store.js';

interface BudgetReviewOptions {
  readonly store: Pick<BudgetStore, 'review'>;
  readonly clock: Clock;
  readonly onProblem: (problem: string, error: unknown) => void;
  /** Called after a review: there may be notifications to send. */
  readonly onReviewed: () => void;
}

export type BudgetReview = Pick<WokenLoop, 'start' | 'stop'>;

const EVERY_MS = 5_000;

/** Compares the running cost with the budgets, every few seconds. */
export function budgetReview({ store, clock, onProblem, onReviewed }: BudgetReviewOptions): BudgetReview {
  return new WokenLoop({
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
