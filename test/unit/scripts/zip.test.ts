import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unzip } from '../../../scripts/setup/zip.mjs';
import { makeZip } from './make-zip';
import { temporaryFolder } from './temporary-folder';

const keepName = (name: string) => name;

/** Unpacks a zip of these entries and gives the folder. */
async function unzipped(zip: Buffer, target: (name: string) => string | undefined = keepName): Promise<string> {
  const folder = temporaryFolder({ 'a.zip': zip });
  await unzip(join(folder, 'a.zip'), join(folder, 'out'), target);
  return join(folder, 'out');
}

describe('unzip', () => {
  it('unpacks stored and deflated files of every size, in folders', async () => {
    const big = Buffer.alloc(300_000, 'idlewatch ');
    const zip = makeZip([
      { name: 'top/', content: '' },
      { name: 'top/empty', content: '' },
      { name: 'top/stored', content: big, stored: true },
      { name: 'top/sub/deflated', content: big },
    ]);
    const out = await unzipped(zip);
    expect(readFileSync(join(out, 'top/empty'))).toHaveLength(0);
    expect(readFileSync(join(out, 'top/stored')).equals(big)).toBe(true);
    expect(readFileSync(join(out, 'top/sub/deflated')).equals(big)).toBe(true);
  });

  it('keeps what makes a file a program', async () => {
    const out = await unzipped(makeZip([{ name: 'run', content: 'x', mode: 0o755 }]));
    expect(statSync(join(out, 'run')).mode & 0o100).toBe(0o100);
  });

  it('renames and leaves out as asked', async () => {
    const zip = makeZip([
      { name: 'a/App', content: 'app' },
      { name: 'a/other', content: 'other' },
    ]);
    const out = await unzipped(zip, (name) => (name === 'a/App' ? 'electron' : undefined));
    expect(readFileSync(join(out, 'electron'), 'utf8')).toBe('app');
    expect(existsSync(join(out, 'a'))).toBe(false);
  });

  it('finds its way past a comment at the end', async () => {
    const out = await unzipped(makeZip([{ name: 'a', content: 'a' }], 'a comment'));
    expect(readFileSync(join(out, 'a'), 'utf8')).toBe('a');
  });

  it('refuses a name that leads out of the folder', async () => {
    const zip = makeZip([{ name: '../evil', content: 'x' }]);
    await expect(unzipped(zip)).rejects.toThrow('../evil leads out of');
  });

  it.each([
    ['text', Buffer.from('no zip at all, but long enough to hold what ends one'), 'not a zip file'],
    ['nothing', Buffer.alloc(0), 'not a zip file'],
    ['a zip without its end', makeZip([{ name: 'a', content: 'abc' }]).subarray(0, 40), 'not a zip file'],
  ])('says so of %s', async (_, content, message) => {
    await expect(unzipped(content)).rejects.toThrow(message);
  });

  it('refuses a zip whose end points nowhere', async () => {
    const zip = makeZip([{ name: 'a', content: 'abc' }]);
    zip.writeUInt32LE(0xffff, zip.length - 6);
    await expect(unzipped(zip)).rejects.toThrow('broken zip file');
  });

  it('refuses a file that is shorter than announced', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.zip'), makeZip([{ name: 'a', content: 'abc', announcedBytes: 4 }]));
    await expect(unzip(join(folder, 'a.zip'), join(folder, 'out'), keepName)).rejects.toThrow('a is cut short');
  });
});
