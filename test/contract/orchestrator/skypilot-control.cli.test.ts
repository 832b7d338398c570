import { SkypilotCliClient } from '@launchlog/server/orchestrator/skypilot/cli-client';
import { SkypilotCliProcess } from '@launchlog/server/orchestrator/skypilot/cli-process';
import { afterAll } from 'vitest';
import { SkypilotProgramHost } from '../../support/skypilot/program-host.js';
import { describeSkypilotControl } from './skypilot-control.contract.js';

const host = await SkypilotProgramHost.start();
afterAll(() => host.close());

describeSkypilotControl(
  'through the program `sky`',
  (endpoint) => new SkypilotCliClient(new SkypilotCliProcess(host.program(endpoint)), {}),
);
