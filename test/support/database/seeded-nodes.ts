/**
 * A statement that adds this number of nodes of all kinds, the newest first in number, without launching any: a server that
 * simulates leaves them alone. Their values vary, so that every filter selects some of them.
 */
export function seedNodes(count: number): string {
  return `
    insert into nodes (id, cluster_name, provider, region, gpu_type, model_name, status, endpoint, deployment_id, tenant_id,
      created_at, updated_at, gpu_count, use_spot, orchestrator, request, created_by, phase, progress, phase_started_at,
      phase_seconds, attempts, price_per_hour, failure_reason, failure_message, loss_reason, health, ended_at, terminated_at)
    select id, concat_ws('-', 'cic', provider, replace(region, '-', ''), lower(gpu), case when spot then 'spot' else 'od' end,
        left(id::text, 6)),
      provider, region, gpu, 'meta-llama/Llama-' || i % 7 || '-8B', status,
      case when status = 'active' then 'http://10.0.0.1:8000' end,
      case when i % 11 <> 0 then 'deployment-' || i % 13 end, case when i % 5 <> 0 then 'tenant-' || i % 3 end,
      created, coalesce(ended, created), 1 + i % 8, spot, 'skypilot-api',
      jsonb_build_object('provider', provider, 'region', region, 'gpu', gpu, 'gpuCount', 1 + i % 8, 'model', 'm',
        'useSpot', spot, 'diskSize', 256),
      'admin', case status when 'failed' then 'failed' when 'launching' then 'installing' else 'active' end,
      case status when 'failed' then 65 when 'launching' then 60 + i % 10 else 100 end, created,
      jsonb_build_object('queued', 0.5, 'provisioning', 30 + i % 100, 'instance_ready', 1, 'installing', 40 + i % 50),
      '[{"cloud":"AWS","outcome":"won"}]', case when i % 6 <> 0 then (1 + i % 9) * 0.5 end,
      case status when 'failed' then (array['quota', 'no_capacity', 'setup_failed', 'cancelled'])[1 + i / 10 % 4] end,
      case status when 'failed' then 'No capacity in ' || region || '.' end,
      case when i % 30 = 17 then 'preempted' end, case when status = 'active' then (array['healthy', 'degraded'])[1 + i % 2] end,
      ended, case status when 'terminated' then ended + interval '2 hours' end
    from (
      select *, case when status <> 'launching' then created + interval '5 minutes' end as ended
      from (
        select i, md5('node-' || i)::uuid as id, now() - i * interval '7 minutes' as created, i % 2 = 0 as spot,
          (array['aws', 'gcp', 'azure', 'lambda'])[1 + i % 4] as provider,
          (array['us-east-1', 'us-west-2', 'eu-central-1'])[1 + i / 4 % 3] as region,
          (array['A100', 'H100', 'L4'])[1 + i / 12 % 3] as gpu,
          case when i % 10 < 2 then 'failed' when i % 10 < 8 and i % 30 <> 4 then 'terminated'
            when i % 10 = 9 or i % 30 = 4 then 'active' else 'launching' end as status
        from generate_series(1, ${count}) i
      ) numbered
    ) timed`;
}
