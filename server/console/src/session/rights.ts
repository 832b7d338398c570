/** What whoever is signed in may do, so that the page offers nothing that would be refused. */
export interface Rights {
  /** The name of the token. */
  readonly name: string;
  /** Launch, cancel, retry and terminate. */
  readonly mayLaunch: boolean;
  /** The only deployment it sees and launches into. */
  readonly deploymentId: string | undefined;
  readonly tenantId: string | undefined;
}

/** What is less than everything, in a word or two; undefined where nothing is. */
export function rightsLabel({ mayLaunch, deploymentId, tenantId }: Rights): string | undefined {
  const bound = deploymentId ?? tenantId;
  if (bound === undefined) return mayLaunch ? undefined : 'Read only';
  return mayLaunch ? `Only ${bound}` : `Read only, ${bound}`;
}

/** The same in sentences. */
export function rightsText({ name, mayLaunch, deploymentId, tenantId }: Rights): string {
  const sentences = [`You are signed in with the token “${name}”.`];
  if (!mayLaunch) sentences.push('It does not allow to launch, cancel, retry or terminate nodes.');
  if (deploymentId !== undefined) sentences.push(`It reaches the deployment “${deploymentId}” only.`);
  if (tenantId !== undefined) sentences.push(`It reaches the tenant “${tenantId}” only.`);
  return sentences.join(' ');
}
