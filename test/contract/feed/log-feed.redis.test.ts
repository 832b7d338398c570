import { redisLogRig } from '../../support/log/log-rigs.js';
import { describeLogFeedLife } from './log-feed-life.contract.js';
import { describeLogFeedLoss } from './log-feed-loss.contract.js';
import { describeLogFeed } from './log-feed.contract.js';

for (const describeIt of [describeLogFeed, describeLogFeedLoss, describeLogFeedLife]) {
  describeIt('in Redis', () => redisLogRig());
}
