import { embeddedLogRig } from '../../support/log/log-rigs.js';
import { describeMergedResume } from './merged-resume.contract.js';

describeMergedResume('in this process', () => embeddedLogRig());
