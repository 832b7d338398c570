import { embeddedLogRig } from '../../support/log/log-rigs.js';
import { describeLogQuery } from './log-query.contract.js';

describeLogQuery('in this process', () => embeddedLogRig());
