import { redisLogRig } from '../support/log-rigs.js';
import { describePlaceStore } from './position-store.contract.js';

describePlaceStore('in Redis', () => redisLogRig());
