import { describe, expect, it } from 'vitest';
import { belongsTo, isWithin, namesDirectory } from '../../../../src/engine/observe/belonging';
import { fakeProcessTable } from '../../../fakes/process-table';

const DIRECTORY = '/state/workers/worker-1';

describe('isWithin compares whole names', () => {
  it.each([
    [DIRECTORY, true],
    [`${DIRECTORY}/log`, true],
    ['/state/workers/worker-10', false],
    ['/state/workers/worker-10/log', false],
    ['/state/workers', false],
    ['state/workers/worker-1', false],
    [`${DIRECTORY} (deleted)`, false],
  ])('%s: %s', (path, within) => {
    expect(isWithin(path, DIRECTORY)).toBe(within);
  });
});

describe('namesDirectory', () => {
  it.each([
    [DIRECTORY, true],
    [`${DIRECTORY}/`, true],
    ['/state//workers/worker-1/outbox.jsonl', true],
    [`--dir=${DIRECTORY}`, true],
    [`-C=${DIRECTORY}/x`, true],
    [`DIR=${DIRECTORY}`, true],
    [`cd ${DIRECTORY} && ./agent`, true],
    [`cd "${DIRECTORY}" && ./agent`, true],
    [`tail -f ${DIRECTORY}/agent.log|cat`, true],
    [`exec >>${DIRECTORY}/agent.log`, true],
    ['/state/workers/worker-10', false],
    ['--dir=/state/workers/worker-10', false],
    ['cd /state/workers/worker-10 && ./agent', false],
    ['cd "/state/workers/worker-1 old" && ./agent', false],
    ['cd /state/workers/worker-1\\ old', false],
    [`${DIRECTORY} old/outbox.jsonl`, false],
    [`--dir=${DIRECTORY} old`, false],
    [`/backup${DIRECTORY}`, false],
    [`cat /backup${DIRECTORY}/log`, false],
    ['', false],
  ])('%s: %s', (argument, named) => {
    expect(namesDirectory(argument, DIRECTORY)).toBe(named);
  });
});

describe('belongsTo', () => {
  it.each([
    ['its working directory', { cwd: DIRECTORY }],
    ['a working directory below', { cwd: `${DIRECTORY}/src` }],
    ['the mark', { environment: { IDLEWATCH_WORKER_DIR: `${DIRECTORY}/` } }],
    ['its command line', { args: ['agent', '--dir', DIRECTORY] }],
    ['an open file, read or written', { files: [{ path: `${DIRECTORY}/inbox.jsonl`, writing: false }] }],
  ])('by %s', (_what, process) => {
    expect(belongsTo(fakeProcessTable([{ pid: 700, ...process }]), 700, DIRECTORY, []).belongs).toBe(true);
  });

  it.each([
    ['its neighbour', { cwd: '/state/workers/worker-10', args: ['agent', '/state/workers/worker-10'], files: [] }],
    ['a directory above', { cwd: '/state/workers', args: ['agent'], files: [] }],
    ['the mark of another', { environment: { IDLEWATCH_WORKER_DIR: '/state/workers/worker-10' }, files: [] }],
    ['nothing', { cwd: '/', args: [], files: [] }],
  ])('not by %s', (_what, process) => {
    const { belongs, why } = belongsTo(fakeProcessTable([{ pid: 700, ...process }]), 700, DIRECTORY, []);
    expect(belongs).toBe(false);
    expect(why).toContain('points to the worker directory');
  });

  it('says when it could not look', () => {
    const { belongs, why } = belongsTo(fakeProcessTable([{ pid: 700 }]), 700, DIRECTORY, []);
    expect(belongs).toBe(false);
    expect(why).toContain('cannot be read');
  });

  it('takes nothing for its own where the worker directory is the root of all', () => {
    expect(belongsTo(fakeProcessTable([{ pid: 700, cwd: '/' }]), 700, '/', []).belongs).toBe(false);
  });

  it.each(['/home/me', '/home', '/tmp'])('goes by the mark alone in %s, where every program works', (directory) => {
    const bystander = { pid: 700, cwd: `${directory}/x`, args: ['vim', `${directory}/x`], files: [] };
    const common = ['/home/me', '/tmp'];
    const found = belongsTo(fakeProcessTable([bystander]), 700, directory, common);
    expect(found).toMatchObject({ belongs: false, why: expect.stringContaining(`every kind work in ${directory}`) });
    const marked = { ...bystander, environment: { IDLEWATCH_WORKER_DIR: directory } };
    expect(belongsTo(fakeProcessTable([marked]), 700, directory, common).belongs).toBe(true);
  });

  it('knows a worker of a directory inside a common one', () => {
    const agent = fakeProcessTable([{ pid: 700, cwd: '/home/me/agent' }]);
    expect(belongsTo(agent, 700, '/home/me/agent', ['/home/me']).belongs).toBe(true);
  });
});
