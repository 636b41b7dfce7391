import { z } from 'zod';
import { ms, port } from './numbers';
import { settingsOf } from './setting';

const setting = settingsOf('Gateway');

/** None: no limit. */
const count = (initial: number, max: number) => z.number().int().min(1).max(max).nullable().default(initial);

export const gateway = {
  gatewayEnabled: setting(z.boolean().default(false), {
    title: 'Model gateway',
    description: 'Passes requests of OpenAI-compatible programs on to the upstream, and sees who is at work.',
  }),
  gatewayPort: setting(port(4748), {
    title: 'Port of the gateway',
    description: 'On 127.0.0.1. 0, or where it is taken: any that is free.',
  }),
  IDLEWATCH_UPSTREAM: setting(
    z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .describe('an address such as https://api.example.com/v1')
      .nullable()
      .default(null),
    {
      title: 'Upstream',
      description: 'Base address of an OpenAI-compatible service, with its /v1. The gateway needs it.',
    },
  ),
  gatewayTimeoutMs: setting(ms(600_000, 100), {
    title: 'Upstream timeout',
    description: 'When the upstream has sent nothing for this long, the answer is 504.',
    unit: 'ms',
  }),
  gatewayRetries: setting(z.number().int().min(0).max(10).default(2), {
    title: 'Retries',
    description: 'How often a request is sent again after a passing failure of the upstream, where that is safe.',
  }),
  gatewayRequestsPerMinute: setting(count(600, 1_000_000), {
    title: 'Requests a minute, in all',
    description:
      'Half of it while all is idle, 1 while memory is short or the circuit breaker is open. Empty: no limit.',
  }),
  gatewayWorkerRequestsPerMinute: setting(count(120, 1_000_000), {
    title: 'Requests a minute, of one worker',
    description: 'The same for each worker. Empty: no limit.',
  }),
  gatewayMemo: setting(z.array(z.string().min(1).max(200)).max(256).default([]), {
    title: 'Answers remembered for',
    description:
      'Models (gpt-5-mini, or gpt-* for several) and paths (/v1/embeddings) whose identical requests may share one answer.',
    list: { of: 'models and paths', separator: ',' },
  }),
  OPENAI_BATCH_WINDOW_MS: setting(ms(150, 0, 60_000), {
    title: 'Shared within',
    description: 'Identical requests that come so soon after the first share its answer.',
    unit: 'ms',
  }),
  OPENAI_CACHE_TTL_MS: setting(ms(60_000), {
    title: 'Remembered for',
    description: 'So long a whole and good answer is given again. 0: not at all.',
    unit: 'ms',
  }),
  gatewayMemoMaxMB: setting(z.number().min(1).max(65_536).default(64), {
    title: 'Room for remembered answers',
    description: 'In memory; those used longest ago go first.',
    unit: 'MB',
  }),
};
