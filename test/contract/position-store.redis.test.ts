import { redisLogRig } from '../support/log-rigs.js';
import { describePositionStore } from './position-store.contract.js';

describePositionStore('in Redis', () => redisLogRig());
