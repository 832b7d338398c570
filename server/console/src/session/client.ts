import type { LaunchlogClient } from '@launchlog/sdk';
import { createService } from '../state/service.js';

export const [ClientContext, useClient] = createService<LaunchlogClient>('LaunchlogClient');
