import type { Migration } from '../database/migrations.js';

/** This query runs every second, so it must not read the whole table. */
const FIND_CHANGES = `
create index nodes_changed on nodes (updated_at, id);
create index nodes_of_deployment on nodes (deployment_id, created_at, id);
create index if not exists nodes_ended on nodes (ended_at) where ended_at is not null;
`;

export const NODE_WATCH_MIGRATIONS: readonly Migration[] = [
  { id: 3, name: 'find changed nodes', sql: FIND_CHANGES },
];
