import pg from 'pg';

/** Rows of launches that run elsewhere: this kind of server leaves them alone, and their logs are left to our writers. */
export async function seedLaunches(databaseUrl: string, count: number): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `insert into nodes (id, cluster_name, provider, region, gpu_type, model_name, status, gpu_count, use_spot,
         orchestrator, request, created_by, phase)
       select id, 'c' || id, 'aws', 'us-east-1', 'A100', 'm', 'launching', 1, true, 'skypilot-cli', '{}', 'bench',
         'model_loading'
       from (select gen_random_uuid() as id from generate_series(1, $1::int)) ids
       returning id`,
      [count],
    );
    return rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}
