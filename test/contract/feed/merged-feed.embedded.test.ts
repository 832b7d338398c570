import { embeddedLogRig } from '../../support/log/log-rigs.js';
import { describeMergedFeed } from './merged-feed.contract.js';

describeMergedFeed('in this process', () => embeddedLogRig());
