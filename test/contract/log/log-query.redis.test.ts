import { redisLogRig } from '../../support/log/log-rigs.js';
import { describeLogQuery } from './log-query.contract.js';

describeLogQuery('in Redis', () => redisLogRig());
