import { SkypilotApiClient } from '@launchlog/server/orchestrator/skypilot/api-client';
import { systemClock } from '@launchlog/server/clock';
import { describeSkypilotControl } from './skypilot-control.contract.js';

describeSkypilotControl(
  'through its API server',
  (endpoint) => new SkypilotApiClient({ endpoint }, systemClock),
);
