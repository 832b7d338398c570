export { createTestLaunchlog } from './testing/create-test-launchlog.js';
export type { TestLaunchlog } from './testing/create-test-launchlog.js';
export type { LaunchStep } from './testing/launch-script.js';
