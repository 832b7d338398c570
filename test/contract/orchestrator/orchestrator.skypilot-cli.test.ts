import { startSkypilotRig } from '../../support/skypilot/orchestrator-rig.js';
import { describeOrchestrator } from './orchestrator.contract.js';

describeOrchestrator('through the program `sky`', () => startSkypilotRig('cli'));
