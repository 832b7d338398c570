import { randomUUID } from 'node:crypto';

/** A request as a SkyPilot API server keeps it. */
export interface RequestRow {
  readonly request_id: string;
  readonly name: string;
  readonly cluster_name: string;
  readonly created_at: number;
  status: string;
  return_value: string;
  error: string;
}

let created = 0;

export function ended(name: string, cluster: string, value: unknown): RequestRow {
  created += 1;
  return {
    request_id: randomUUID(),
    name,
    cluster_name: cluster,
    created_at: 1_795_439_629 + created,
    status: 'SUCCEEDED',
    return_value: JSON.stringify(value),
    error: 'null',
  };
}

export function refused(name: string, cluster: string, error: { type: string; message: string }): RequestRow {
  return {
    ...ended(name, cluster, null),
    status: 'FAILED',
    error: JSON.stringify({ object: '', ...error }),
  };
}
