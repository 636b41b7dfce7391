import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { lookOf, type Picture, shapeOf } from '../e2e/desktop/picture';

const FOLDER = join(import.meta.dirname, '../../resources/tray');
const LOOKS = {
  idle: 'green ring',
  busy: 'blue circle',
  stalled: 'red square',
  paused: 'grey bars',
  'idle-waiting': 'green ring with an amber diamond',
  'busy-waiting': 'blue circle with an amber diamond',
};
const SIZES = [16, 22, 24, 32].flatMap((size) => [`${size}`, `${size}@2x`]);
const WHITE = [255, 255, 255];
const DARK = [0x20, 0x21, 0x24];

/** Our own PNGs: 8 bit RGBA, one IDAT, no row filters (see scripts/icons.mjs). */
function readPng(file: string): Picture {
  const data = readFileSync(join(FOLDER, file));
  const [width, height] = [data.readUInt32BE(16), data.readUInt32BE(20)];
  const start = data.indexOf('IDAT') + 4;
  const rows = inflateSync(data.subarray(start, start + data.readUInt32BE(start - 8)));
  return {
    width,
    height,
    at(x, y) {
      const offset = Math.floor(y * height) * (width * 4 + 1) + 1 + Math.floor(x * width) * 4;
      const [red = 0, green = 0, blue = 0, alpha = 0] = rows.subarray(offset, offset + 4);
      return [red, green, blue, alpha];
    },
  };
}

function luminance(colour: number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: number[], b: number[]): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

describe.each(Object.entries(LOOKS))('the icon of %s', (name, look) => {
  test.each(SIZES)('is told by shape and colour at %s px', (size) => {
    const picture = readPng(`${name}-${size}.png`);
    expect(picture.width).toBe(Number.parseInt(size, 10) * (size.endsWith('@2x') ? 2 : 1));
    expect(lookOf(picture)).toBe(look);
  });

  test('can be seen on light and dark panels', () => {
    const picture = readPng(`${name}-32.png`);
    const parts = [picture.at(0.22, 0.5), ...(look.includes('diamond') ? [picture.at(0.71, 0.71)] : [])];
    for (const [red, green, blue] of parts) {
      for (const panel of [WHITE, DARK]) expect(contrast([red, green, blue], panel)).toBeGreaterThanOrEqual(3);
    }
  });

  test('has a black template for macOS', () => {
    for (const [file, width] of [
      [`${name}Template.png`, 16],
      [`${name}Template@2x.png`, 32],
    ] as const) {
      const picture = readPng(file);
      expect(picture.width).toBe(width);
      expect(shapeOf(picture)).toBe(look.split(' ')[1]);
      // In one colour the diamond is told by the gap around it.
      expect(lookOf(picture).endsWith(' with a diamond')).toBe(look.includes('diamond'));
      expect(picture.at(0.71, 0.71).slice(0, 3)).toEqual([0, 0, 0]);
      expect(picture.at(0.22, 0.5).slice(0, 3)).toEqual([0, 0, 0]);
    }
  });
});
