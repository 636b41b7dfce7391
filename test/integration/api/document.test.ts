import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SETTING_KEYS } from '../../../src/shared/settings';
import { servedApi } from '../support/served-api';

interface Operation {
  summary?: string;
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: { properties?: Record<string, object> } }> };
  responses: Record<string, { content?: Record<string, { schema: { $ref?: string } }> }>;
}
interface Document {
  openapi: string;
  info: { title: string; version: string };
  security: object[];
  components: { schemas: Record<string, object>; securitySchemes: object };
  paths: Record<string, Record<string, Operation>>;
}

const WANTED = {
  '/api/idle/sessions': ['get'],
  '/api/idle/tasks': ['get'],
  '/api/idle/timeout/{id}': ['post'],
  '/api/idle/config': ['get', 'put'],
  '/api/snapshot': ['get'],
  '/api/workers/{id}': ['get'],
  '/api/workers/{id}/kill': ['post'],
  '/api/workers/{id}/snooze': ['post'],
  '/api/workers/{id}/keep-alive': ['post'],
  '/api/ping': ['post'],
  '/api/heartbeat/{name}': ['post'],
  '/api/events': ['get'],
  '/api/history': ['get'],
  '/api/desk/stream': ['get'],
  '/api/desk/focus': ['post'],
  '/api/desk/{command}': ['post'],
  '/api/openapi.json': ['get'],
  '/metrics': ['get'],
  '/healthz': ['get'],
};

async function documentOf(): Promise<Document> {
  const { ask } = await servedApi();
  const answer = await ask('/api/openapi.json');
  expect(answer.status).toBe(200);
  return answer.json as Document;
}

describe('GET /api/openapi.json', () => {
  it('names every endpoint, in words, with how one shows that one may ask', async () => {
    const { openapi, info, paths, security, components } = await documentOf();
    expect({ openapi, info }).toMatchObject({ openapi: '3.1.0', info: { title: 'idlewatch', version: '1.2.3' } });
    expect(security).toEqual([{ token: [] }]);
    expect(components.securitySchemes).toEqual({ token: { type: 'http', scheme: 'bearer' } });
    for (const [path, methods] of Object.entries(WANTED)) {
      expect({ path, methods: Object.keys(paths[path] ?? {}) }).toEqual({ path, methods });
      for (const method of methods) expect(paths[path]?.[method]?.summary).toMatch(/\S/);
    }
  });

  it('every reference leads somewhere, and nothing is described that nobody refers to', async () => {
    const document = await documentOf();
    const text = JSON.stringify(document);
    const referred = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, id]) => id));
    expect([...referred].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  it('describes answers by the vocabulary, and requests by what checks them', async () => {
    const { paths, components } = await documentOf();
    const answerOf = (path: string) => paths[path]?.get?.responses['200']?.content?.['application/json']?.schema.$ref;
    expect(answerOf('/api/snapshot')).toBe('#/components/schemas/Snapshot');
    expect(answerOf('/api/workers/{id}')).toBe('#/components/schemas/WorkerReport');
    expect(components.schemas.WorkerRow).toMatchObject({
      properties: { reason: { type: 'string', description: 'The verdict in words.' } },
    });
    const put = paths['/api/idle/config']?.put?.requestBody?.content['application/json']?.schema.properties ?? {};
    expect(Object.keys(put).sort()).toEqual([...SETTING_KEYS].sort());
    expect(put.killGraceMs).toMatchObject({ description: 'Time between SIGTERM and SIGKILL.' });
    const kill = paths['/api/workers/{id}/kill']?.post;
    expect(kill?.parameters?.map(({ name, in: place }) => `${place} ${name}`).sort()).toEqual([
      'path id',
      'query dryRun',
    ]);
    for (const path of Object.keys(WANTED).filter((each) => each.startsWith('/api/idle'))) {
      const operation = Object.values(paths[path] ?? {})[0];
      expect(operation?.responses['4XX']?.content?.['application/json']?.schema.$ref).toBe(
        '#/components/schemas/Error',
      );
    }
  });

  it('its schemas are JSON schemas', async () => {
    const { components } = await documentOf();
    const schema = z.looseObject({ type: z.string().optional(), anyOf: z.array(z.unknown()).optional() });
    for (const each of Object.values(components.schemas)) expect(schema.safeParse(each).success).toBe(true);
    expect(components.schemas.Snapshot).toMatchObject({ type: 'object', additionalProperties: false });
  });
});
