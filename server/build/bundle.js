import { build } from 'tsdown';

// Not through the tsdown command, which asks users of Node 20 to upgrade. This pinned version is the last to support Node 20.
await build({ logLevel: 'error' });
