import { embeddedLogRig } from '../../support/log/log-rigs.js';
import { describePositionStore } from './position-store.contract.js';

describePositionStore('in this process', () => embeddedLogRig());
