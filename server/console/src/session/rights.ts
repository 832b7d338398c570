/** What the signed-in token allows. The page offers nothing that the server would refuse. */
export interface Rights {
  /** The token's name. */
  readonly name: string;
  /** May launch, cancel, retry and terminate nodes. */
  readonly mayLaunch: boolean;
  /** The only deployment that the token can see and launch into; undefined if it is not bound. */
  readonly deploymentId: string | undefined;
  /** The only tenant whose nodes the token can see; undefined if it is not bound. */
  readonly tenantId: string | undefined;
}

/** The token's limits in a few words; undefined for a token without limits. */
export function rightsLabel({ mayLaunch, deploymentId, tenantId }: Rights): string | undefined {
  const bound = deploymentId ?? tenantId;
  if (bound === undefined) return mayLaunch ? undefined : 'Read only';
  return mayLaunch ? `Only ${bound}` : `Read only, ${bound}`;
}

/** The token's limits in sentences. */
export function rightsText({ name, mayLaunch, deploymentId, tenantId }: Rights): string {
  const isPerson = name.includes('@');
  const sentences = [
    isPerson ? `You are signed in as ${name}.` : `You are signed in with the token “${name}”.`,
  ];
  const subject = isPerson ? 'Your account' : 'It';
  if (!mayLaunch) sentences.push(`${subject} cannot launch, cancel, retry or terminate nodes.`);
  if (deploymentId !== undefined)
    sentences.push(`${subject} is limited to the deployment “${deploymentId}”.`);
  if (tenantId !== undefined) sentences.push(`${subject} is limited to the tenant “${tenantId}”.`);
  return sentences.join(' ');
}
