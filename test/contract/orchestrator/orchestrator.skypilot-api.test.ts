import { startSkypilotRig } from '../../support/skypilot/orchestrator-rig.js';
import { describeOrchestrator } from './orchestrator.contract.js';

describeOrchestrator('through the API server of SkyPilot', () => startSkypilotRig('api'));
