import { build } from 'tsdown';

// Not by its command, which tells users of Node 20 to upgrade: this version is the last that supports it, and pinned.
await build({ logLevel: 'error' });
