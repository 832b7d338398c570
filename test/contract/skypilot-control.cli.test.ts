import { SkypilotCliClient } from '@launchlog/server/orchestrator/skypilot/cli-client';
import { SkypilotCliProcess } from '@launchlog/server/orchestrator/skypilot/cli-process';
import { skyProgram } from '../support/skypilot-orchestrator-rig.js';
import { describeSkypilotControl } from './skypilot-control.contract.js';

describeSkypilotControl(
  'through the program `sky`',
  (endpoint) => new SkypilotCliClient(new SkypilotCliProcess(skyProgram(endpoint)), {}),
);
