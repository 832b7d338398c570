/** The known strays, and when SkyPilot was last searched. See decision 139. */
export const EXTEND_STRAYS = `
alter table installation add column looked_at timestamptz(3);
alter table strays
  add column kind text not null default 'foreign' check (kind in ('ours', 'foreign', 'gone')),
  add column state text,
  add column node_id uuid,
  add column looks int not null default 1,
  add column terminated_by text,
  add column terminating_since timestamptz(3),
  add column claimed_until timestamptz(3),
  add column problem text;
`;

/** Where strays are, how old they are, and whose label they carry. */
export const ADD_STRAY_ORIGIN = `
alter table strays
  add column place text,
  add column launched_at timestamptz(3),
  add column installation text;
`;
