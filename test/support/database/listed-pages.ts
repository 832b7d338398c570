import type { Node, NodeListQuery, NodePage } from '@launchlog/shared/node';

type List = (query: Partial<NodeListQuery>) => Promise<NodePage>;

/** All nodes that a query finds, page by page. */
export async function listedPages(list: List, query: Partial<NodeListQuery>): Promise<Node[]> {
  const found: Node[] = [];
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const page = await list({ ...query, ...(cursor !== undefined && { cursor }) });
    found.push(...page.nodes);
    cursor = page.nextCursor;
  }
  return found;
}
