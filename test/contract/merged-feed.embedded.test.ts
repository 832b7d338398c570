import { embeddedLogRig } from '../support/log-rigs.js';
import { describeMergedFeed } from './merged-feed.contract.js';

describeMergedFeed('in this process', () => embeddedLogRig());
