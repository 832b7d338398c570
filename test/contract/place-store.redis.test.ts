import { redisLogRig } from '../support/log-rigs.js';
import { describePlaceStore } from './place-store.contract.js';

describePlaceStore('in Redis', () => redisLogRig());
