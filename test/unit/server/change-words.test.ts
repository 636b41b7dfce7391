import { describe, expect, test } from 'vitest';
import { changeWords } from '../../../src/server/change-words';
import type { SettingsChange } from '../../../src/server/settings-store';

const one = (key: SettingsChange['changed'][number]['key'], was: string, is: string) => ({ key, was, is });

describe('a change of settings', () => {
  test('says where it was made, and of each setting what it was and is', () => {
    const changed = [one('killGraceMs', '5000', '8000'), one('apiEnabled', 'true', 'false')];
    expect(changeWords({ askedBy: 'window', changed })).toBe(
      'Settings changed from the window: Kill grace 5000 → 8000 ms; Local API on → off',
    );
  });

  test('in the file is nobody’s', () => {
    expect(changeWords({ askedBy: null, changed: [one('workerDirs', '[]', '["/a"]')] })).toBe(
      'Settings changed in settings.json: Worker directories none → /a',
    );
    expect(changeWords({ askedBy: 'api', changed: [one('gatewayRequestsPerMinute', '600', 'null')] })).toBe(
      'Settings changed through the API: Requests a minute, in all 600 → none',
    );
  });

  test('writes texts and lists of them as a person would, and the rest as in the file', () => {
    const changed = [
      one('IDLEWATCH_UPSTREAM', 'null', '"https://api.example.com/v1"'),
      one('gatewayMemo', '["gpt-5-mini"]', '["gpt-5-mini","/v1/embeddings"]'),
      one('endingPolicy', '{}', '{"workbench":{"action":"suggest"}}'),
    ];
    expect(changeWords({ askedBy: 'api', changed })).toBe(
      'Settings changed through the API: Upstream none → https://api.example.com/v1; ' +
        'Answers remembered for gpt-5-mini → gpt-5-mini, /v1/embeddings; ' +
        'What happens by itself, workbench: none → {"action":"suggest"}',
    );
  });

  test('shows what has changed, however long what has not is', () => {
    const rule = (action: string) => ({ action, afterSecs: 60, killGraceMs: 10_000 });
    const policy = (action: string) =>
      JSON.stringify({ 'worker-directory': rule('notify'), codex: rule('notify'), workbench: rule(action) });
    const directories = ['/home/somebody/a', '/home/somebody/b'].map((path) => path.repeat(3));
    const changed = [
      one('endingPolicy', policy('notify'), policy('kill')),
      one('workerDirs', JSON.stringify(directories), JSON.stringify([...directories, '/new'])),
      one('keepAlive', JSON.stringify(['x'.repeat(200)]), '["y"]'),
    ];
    expect(changeWords({ askedBy: 'window', changed })).toBe(
      'Settings changed from the window: What happens by itself, workbench: ' +
        '{"action":"notify","afterSecs":60,"killGraceMs":10000} → {"action":"kill","afterSecs":60,"killGraceMs":10000}; ' +
        'Worker directories … → …, /new; ' +
        `Kept alive ${'x'.repeat(80)}… → y`,
    );
  });
});
