import { z } from 'zod';
import type { LaunchlogClient } from '../../launchlog-client.js';

/** A read that an agent can ask for by the Model Context Protocol. */
export interface McpTool {
  readonly name: string;
  readonly title: string;
  /** For the agent: what the tool answers, and when to use it. */
  readonly description: string;
  /** The JSON Schema of its arguments. */
  readonly inputSchema: { readonly type: 'object'; readonly [keyword: string]: unknown };
  /** Rejects with a sentence that names the argument if one cannot be used, and with the client's errors. */
  call(client: LaunchlogClient, input: unknown): Promise<unknown>;
}

interface ToolDefinition<Input extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  readonly read: (client: LaunchlogClient, input: z.output<Input>) => Promise<unknown>;
}

export function mcpTool<Input extends z.ZodObject>(definition: ToolDefinition<Input>): McpTool {
  const { name, title, description, input, read } = definition;
  return {
    name,
    title,
    description,
    inputSchema: { ...z.toJSONSchema(input, { io: 'input' }), type: 'object' },
    async call(client, given) {
      const parsed = input.safeParse(given ?? {});
      if (parsed.success) return read(client, parsed.data);
      const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || name}: ${message}`);
      throw new Error(faults.join('; '));
    },
  };
}
