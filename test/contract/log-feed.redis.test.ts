import { redisLogRig } from '../support/log-rigs.js';
import { describeLogFeed } from './log-feed.contract.js';

describeLogFeed('in Redis', () => redisLogRig());
