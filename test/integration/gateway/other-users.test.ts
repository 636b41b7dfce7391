import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asNobody } from '../support/as-nobody';
import { ask, bodyOf, json, openTestGateway, startUpstream, type TestGateway } from './support';

/** Asks over one connection as often as it is told: prints a line of status and code for each answer. */
const ASKS = `
  const [port, host, times] = process.argv.slice(1);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let at = 0; at < Number(times); at += 1) {
    await new Promise((done, fail) => http.get({ port, host, path: '/v1/models', agent, headers: { host: '127.0.0.1:' + port } }, async (answer) => {
      let text = '';
      for await (const piece of answer.setEncoding('utf8')) text += piece;
      console.log(answer.statusCode, JSON.parse(text).error?.code ?? '-');
      done();
    }).on('error', fail));
  }
  agent.destroy();
`;

/** What a program of the user nobody is told, with a socket of IPv6 that speaks IPv4 where \`host\` is such an address. */
async function askAsNobody({ port }: TestGateway, host: string, times = 1): Promise<string[]> {
  const base = mkdtempSync(join(tmpdir(), 'idlewatch-nobody-'));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const args = ['--input-type=module', '-e', `import http from 'node:http';${ASKS}`];
  const child = asNobody(base, () =>
    spawn(process.execPath, [...args, String(port), host, String(times)], {
      cwd: base,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  return (await bodyOf(child.stdout)).toString().trim().split('\n');
}

describe.runIf(process.platform === 'linux')('a program', () => {
  const upstreamOfModels = () => startUpstream((_asked, response) => json(response, { data: [] }));

  it.skipIf(process.getuid?.() !== 0)(
    'of another user is refused, by whichever socket, and nothing goes on',
    async () => {
      const upstream = await upstreamOfModels();
      const gateway = await openTestGateway(upstream.url);
      expect(await askAsNobody(gateway, '127.0.0.1', 2)).toEqual(['403 other_user', '403 other_user']);
      expect(await askAsNobody(gateway, '::ffff:127.0.0.1')).toEqual(['403 other_user']);
      expect(upstream.asked).toEqual([]);
      expect(gateway.counts.requests).toMatchObject({ refused: 3, passed: 0 });
    },
  );

  it('of our own user is served, however many ask at once', async () => {
    const upstream = await upstreamOfModels();
    const gateway = await openTestGateway(upstream.url, { gatewayWorkerRequestsPerMinute: null });
    const told = await Promise.all(Array.from({ length: 30 }, () => ask(`${gateway.url}/v1/models`)));
    expect(new Set(told.map(({ status }) => status))).toEqual(new Set([200]));
  });
});
