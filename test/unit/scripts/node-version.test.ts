import { describe, expect, it } from 'vitest';
import { requireNode, satisfies } from '../../../scripts/setup/node-version.mjs';
import { temporaryFolder } from './temporary-folder';

const range = '^20.19.0 || >=22.12.0';

describe('satisfies', () => {
  it.each(['20.19.0', '20.20.2', '22.12.0', '22.13.0', '24.0.0', '100.1.0'])('takes %s', (version) => {
    expect(satisfies(version, range)).toBe(true);
  });

  it.each(['20.18.1', '21.7.3', '22.11.9', '18.20.0', '9.99.0'])('refuses %s', (version) => {
    expect(satisfies(version, range)).toBe(false);
  });

  it('looks at the patch version too', () => {
    expect(satisfies('20.19.3', '^20.19.4')).toBe(false);
    expect(satisfies('20.19.4', '^20.19.4')).toBe(true);
  });
});

describe('requireNode', () => {
  const root = () => temporaryFolder({ 'package.json': JSON.stringify({ engines: { node: range } }) });

  it('says which Node.js it found and which it needs', () => {
    expect(() => requireNode(root(), '20.18.1')).toThrow(
      'this is Node.js 20.18.1, idlewatch is built with ^20.19.0 || >=22.12.0',
    );
  });

  it('takes the one that runs the tests', () => {
    expect(() => requireNode(root())).not.toThrow();
  });
});
