import { redisLogRig } from '../../support/log/log-rigs.js';
import { describeMergedFeed } from './merged-feed.contract.js';

describeMergedFeed('in Redis', () => redisLogRig());
