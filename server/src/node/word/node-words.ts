import { PROVIDERS } from '@launchlog/shared/launch-request';
import {
  FAILURE_REASONS,
  LOSS_REASONS,
  NODE_HEALTHS,
  NODE_STATUSES,
  ORCHESTRATOR_KINDS,
} from '@launchlog/shared/node';
import { PHASES } from '@launchlog/shared/phase';
import { WordFields } from '../../database/unknown-words.js';

/** The fields of a stored node that hold a word. */
export const NODE_WORDS = new WordFields('nodes', {
  status: NODE_STATUSES,
  phase: PHASES,
  provider: PROVIDERS,
  orchestrator: ORCHESTRATOR_KINDS,
  failureReason: FAILURE_REASONS,
  health: NODE_HEALTHS,
  lossReason: LOSS_REASONS,
});
