import process from 'node:process';
import { version } from '../../../package.json';
import { command, EXIT_WELL } from '../command';
import { readKept } from '../kept-events';
import { createDesks } from '../mcp/desk';
import { settingsInForce } from '../settings';

export const mcp = command({
  name: 'mcp',
  summary: 'tools for an agent, as an MCP server on standard input and output',
  about: `Speaks the Model Context Protocol: list_workers, get_worker, get_status, list_idle, list_events, and plan_kill, which
shows what an end would do and signals nothing. None of them changes anything. Where the app or idlewatch serve runs, it is
asked; else this command looks by itself.`,
  options: {
    'allow-kill': { help: 'Offer kill_worker too. It takes only plans that plan_kill has shown in the same session.' },
  },
  settings: [],
  examples: {
    'claude mcp add idlewatch -- idlewatch mcp': 'for Claude Code',
    'codex mcp add idlewatch -- idlewatch mcp': 'for Codex',
    '{"mcp": {"idlewatch": {"type": "local", "command": ["idlewatch", "mcp"]}}}': 'in opencode.json',
  },
  exit: '0 the other side has closed its end · 1 an error, told on standard error · 130 Ctrl-C',
  run(given, context) {
    return context.untilEnded(async (signal) => {
      const { serveTools } = await import('../mcp/server');
      const { stdin: input, stdout: output } = process;
      const desks = createDesks(context, settingsInForce(context.environment, {}, context));
      const kept = (wanted: Parameters<typeof readKept>[0]) => readKept(wanted, context).kept;
      await serveTools({ version, desks, kept, mayKill: given.has('allow-kill'), input, output }, signal);
      return EXIT_WELL;
    });
  },
});
