import { expect, test } from 'vitest';
import { builtCli } from './support/cli-workers';
import { followCli, serveCli } from './support/following-cli';
import { runCli } from './support/run-cli';

const cli = builtCli();

const isOf = (type: string, name?: string, state?: string) => (line: string) => {
  const told = JSON.parse(line);
  return told.type === type && (!name || told.worker?.name === name) && (!state || told.worker?.state === state);
};

test('without an engine it looks by itself, writes nothing, and tells each change', async () => {
  cli.scene.beat('coder', { status: 'busy' });
  const watch = followCli(cli.path, ['watch', '--worker-dir', cli.scene.run], cli.scene.environment);
  const first = JSON.parse(await watch.until('the picture', isOf('snapshot')));
  expect(first).toMatchObject({ schema: 1, overall: 'busy', workers: [{ name: 'coder', state: 'busy' }] });
  cli.scene.beat('coder', { status: 'ready' });
  await watch.until('the change', isOf('worker', 'coder', 'ready'));
  cli.scene.beat('second', { status: 'busy' });
  await watch.until('the new one', isOf('worker', 'second', 'busy'));
  expect(await watch.end('SIGINT')).toBe(130);
  expect(watch.stderr()).toBe('');
  expect((await runCli(cli.path, ['events'], cli.scene.environment)).stdout).toBe('');
});

test('through a running engine; when that ends it goes on by itself, and comes back to the next one', async () => {
  cli.scene.beat('coder', { status: 'busy' });
  const asked = ['--worker-dir', cli.scene.run];
  const serving = await serveCli(cli.path, asked, cli.scene.environment);
  const watch = followCli(cli.path, ['watch'], cli.scene.environment);
  const first = JSON.parse(await watch.until('the picture', isOf('snapshot')));
  expect(first.workers).toMatchObject([{ name: 'coder' }]);
  cli.scene.beat('coder', { status: 'ready' });
  await watch.until('the change', isOf('worker', 'coder', 'ready'));

  let count = watch.lines().length;
  await serving.end('SIGKILL');
  // By itself it looks in the usual places, and finds none.
  const alone = JSON.parse(await watch.until('a picture of its own', isOf('snapshot'), count));
  expect(alone.workers).toEqual([]);

  count = watch.lines().length;
  await serveCli(cli.path, asked, cli.scene.environment);
  const again = JSON.parse(await watch.until('the picture of the next engine', isOf('snapshot'), count));
  expect(again.workers).toMatchObject([{ name: 'coder' }]);
  expect(await watch.end('SIGTERM')).toBe(143);
});

test('whoever has read enough ends it, with exit 0', async () => {
  cli.scene.beat('coder', { status: 'busy' });
  const watch = followCli(cli.path, ['watch', '--worker-dir', cli.scene.run], cli.scene.environment);
  await watch.until('the picture', isOf('snapshot'));
  watch.child.stdout?.destroy();
  const states = ['ready', 'busy'];
  const beating = setInterval(() => cli.scene.beat('coder', { status: states.reverse()[0] }), 200);
  expect(await watch.ended).toBe(0);
  clearInterval(beating);
  expect(watch.stderr()).toBe('');
});

test('a directory that cannot be read is an error', async () => {
  const result = await runCli(cli.path, ['watch', '--worker-dir', `${cli.scene.run}/none`], cli.scene.environment);
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toContain(`--worker-dir ${cli.scene.run}/none: `);
});
