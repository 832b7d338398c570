import type { Node } from '@launchlog/shared/node';

/** The words of a search; each must appear in one of the names of a node. */
export function searchedWords(text: string | undefined): readonly string[] {
  return (text ?? '').toLowerCase().split(/\s+/).filter(Boolean);
}

/** Whether a search finds the node. The database answers the same by `searchCondition`. */
export function isFound(node: Node, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const { id, clusterName, modelName, deploymentId, tenantId, provider, region, gpuType } = node;
  const names = [id, clusterName, modelName, deploymentId, tenantId, provider, region, gpuType].flatMap(
    (name) => name?.toLowerCase() ?? [],
  );
  return words.every((word) => names.some((name) => name.includes(word)));
}
