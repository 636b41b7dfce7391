import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { z } from 'zod';

export interface Tool<Input extends z.ZodRawShape> {
  title: string;
  description: string;
  input: Input;
  /** It ends something; without it: it only looks. */
  destructive?: true;
}

/** Add a tool to a server. It answers with JSON; what it rejects with is told as its failure, in words. */
export type AddTool = <const Input extends z.ZodRawShape>(
  name: string,
  tool: Tool<Input>,
  run: (given: z.infer<z.ZodObject<Input>>) => Promise<object>,
) => void;

export function toolsOf(server: McpServer): AddTool {
  return (name, { title, description, input, destructive = false }, run) => {
    const annotations = { title, readOnlyHint: !destructive, destructiveHint: destructive, openWorldHint: false };
    server.registerTool(name, { title, description, inputSchema: input, annotations }, (async (given: never) => {
      try {
        return { content: [{ type: 'text', text: JSON.stringify(await run(given), null, 2) }] };
      } catch (error) {
        return { content: [{ type: 'text', text: (error as Error).message }], isError: true };
      }
    }) as never);
  };
}
