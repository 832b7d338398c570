import { embeddedLogRig } from '../support/log-rigs.js';
import { describePlaceStore } from './position-store.contract.js';

describePlaceStore('in this process', () => embeddedLogRig());
