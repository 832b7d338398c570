import type { SqlDatabase } from '@launchlog/server/database/sql-database';

/**
 * Nodes that were launched, ended and went hours ago, with all that is written about them: their events, their archives, what was
 * sent of them. Written without triggers, which would take most of the time.
 */
export async function insertEndedNodes(database: SqlDatabase, count: number): Promise<void> {
  await database.script(`
    set local session_replication_role = replica;
    insert into nodes (id, cluster_name, provider, region, gpu_type, gpu_count, model_name, use_spot, orchestrator, request,
      created_by, created_at, updated_at, status, phase, progress, ended_at, terminated_at)
    select gen_random_uuid(), 'ended-' || i || random(), 'aws', 'us-east-1', 'A100', 1, 'm', false, 'skypilot-api', '{}', 'test',
      now() - interval '9 hours', now() - interval '5 hours' - i * interval '1 millisecond', 'terminated', 'active', 100,
      now() - interval '8 hours', now() - interval '5 hours'
    from generate_series(1, ${count}) i;
    insert into node_events (node_id, seq, epoch, at, kind)
    select id, 1, 'e', now() - interval '5 hours', 'terminated' from nodes
    on conflict do nothing;
    insert into log_archives (node_id, status, archived_at)
    select id, 'archived', now() - interval '7 hours' from nodes
    on conflict do nothing;
    insert into telemetry_nodes (node_id, done) select id, true from nodes on conflict do nothing;
    insert into notification_deliveries (id, rule_id, node_id, event, status)
    select gen_random_uuid(), r.id, n.id, 'node.terminated', 'delivered' from nodes n, notification_rules r
    on conflict do nothing;
    analyze;`);
}
