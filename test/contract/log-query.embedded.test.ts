import { embeddedLogRig } from '../support/log-rigs.js';
import { describeLogQuery } from './log-query.contract.js';

describeLogQuery('in this process', () => embeddedLogRig());
