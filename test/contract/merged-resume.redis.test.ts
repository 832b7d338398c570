import { redisLogRig } from '../support/log-rigs.js';
import { describeMergedResume } from './merged-resume.contract.js';

describeMergedResume('in Redis', () => redisLogRig());
