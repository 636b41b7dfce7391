#!/usr/bin/env node
// @ts-check
/**
 * Draws the icons of resources/: `node scripts/icons.mjs`. State is told by shape as well as by colour: a filled square
 * is stalled, a filled circle busy, a ring idle, two bars paused; a diamond in the corner of circle and ring says that
 * somebody waits. Every colour has a contrast of at least 3:1 against both a white and a dark (#202124) panel.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';

const RESOURCES = join(dirname(fileURLToPath(import.meta.url)), '..', 'resources');
const SIZES = [16, 22, 24, 32];
const SAMPLES = 8;

/** @typedef {(x: number, y: number) => boolean} Shape whether a point of the unit square is covered */
/** @typedef {[number, number, number]} Colour red, green, blue */

/** @type {Record<string, { colour: Colour, shape: (size: number) => Shape }>} straight edges lie on whole pixels */
const STATES = {
  stalled: { colour: [0xe0, 0x4a, 0x3c], shape: (size) => roundedSquare(onPixel(0.1, size), 0.06) },
  busy: { colour: [0x3d, 0x83, 0xee], shape: () => circle(0.44) },
  idle: { colour: [0x23, 0x9b, 0x67], shape: () => ring(0.44, 0.26) },
  paused: { colour: [0x85, 0x8c, 0x99], shape: (size) => bars(onPixel(0.13, size), onPixel(0.25, size)) },
};
/** States in which somebody may wait for the person beside. */
const BADGED = ['busy', 'idle'];
/** @type {Colour} */
const AMBER = [0xcc, 0x80, 0x00];
/** @type {Colour} */
const BLACK = [0, 0, 0];

/** @param {number} radius @returns {Shape} */
function circle(radius) {
  return (x, y) => Math.hypot(x - 0.5, y - 0.5) <= radius;
}

/** @param {number} outer @param {number} inner @returns {Shape} */
function ring(outer, inner) {
  return (x, y) => circle(outer)(x, y) && !circle(inner)(x, y);
}

/** @param {number} inset @param {number} corner its radius @returns {Shape} */
function roundedSquare(inset, corner) {
  const reach = 0.5 - inset - corner;
  return (x, y) => {
    const dx = Math.max(Math.abs(x - 0.5) - reach, 0);
    const dy = Math.max(Math.abs(y - 0.5) - reach, 0);
    return Math.hypot(dx, dy) <= corner;
  };
}

/** @param {number} inset @param {number} width of each of the two bars @returns {Shape} */
function bars(inset, width) {
  return (x, y) => {
    const fromSide = Math.min(x, 1 - x) - inset;
    return Math.min(y, 1 - y) >= inset && fromSide >= 0 && fromSide <= width;
  };
}

/**
 * In the lower right corner, its tips on whole pixels.
 * @param {number} size in pixels @param {number} margin around it, as a share of the whole
 * @returns {Shape}
 */
function cornerDiamond(size, margin = 0) {
  const reach = onPixel(0.285, size);
  return (x, y) => Math.abs(x - (1 - reach)) + Math.abs(y - (1 - reach)) <= reach + margin;
}

/** @param {number} share of the whole @param {number} size in pixels @returns {number} the nearest share on a pixel's edge */
const onPixel = (share, size) => Math.round(share * size) / size;

/**
 * @param {number} size in pixels
 * @param {(x: number, y: number) => number[]} colourAt red, green, blue, alpha (0 to 1) of a point of the unit square
 * @returns {Buffer} RGBA, row by row
 */
function draw(size, colourAt) {
  const pixels = Buffer.alloc(size * size * 4);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      pixels.set(averageColour(size, x, y, colourAt), (y * size + x) * 4);
    }
  }
  return pixels;
}

/**
 * @param {number} size @param {number} x @param {number} y
 * @param {(x: number, y: number) => number[]} colourAt
 * @returns {number[]} red, green, blue, alpha from 0 to 255
 */
function averageColour(size, x, y, colourAt) {
  /** @type {[number, number, number, number]} */
  const sum = [0, 0, 0, 0];
  for (let i = 0; i < SAMPLES * SAMPLES; i += 1) {
    const sx = (x + ((i % SAMPLES) + 0.5) / SAMPLES) / size;
    const sy = (y + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / size;
    const [r = 0, g = 0, b = 0, a = 0] = colourAt(sx, sy);
    sum[0] += r * a;
    sum[1] += g * a;
    sum[2] += b * a;
    sum[3] += a;
  }
  const alpha = sum[3] || 1;
  const colour = sum.slice(0, 3).map((part) => Math.round(part / alpha));
  return [...colour, Math.round((sum[3] / (SAMPLES * SAMPLES)) * 255)];
}

/** @param {Shape} shape @param {Colour} colour */
const plain = (shape, colour) => (/** @type {number} */ x, /** @type {number} */ y) => [...colour, shape(x, y) ? 1 : 0];

/**
 * The state, and the diamond with a gap around it: that tells them apart where there is one colour alone.
 * @param {number} size @param {Shape} shape @param {Colour} colour @param {Colour} badge its colour
 */
function badged(size, shape, colour, badge) {
  const diamond = cornerDiamond(size);
  const apart = cornerDiamond(size, Math.max(0.1, 2 / size));
  return (/** @type {number} */ x, /** @type {number} */ y) => {
    if (diamond(x, y)) return [...badge, 1];
    return [...colour, shape(x, y) && !apart(x, y) ? 1 : 0];
  };
}

/** The app's own icon: a dark card with an eye: idle's ring around busy's circle. */
function appIcon() {
  const card = roundedSquare(0.06, 0.2);
  const eye = ring(0.3, 0.22);
  const pupil = circle(0.11);
  return (/** @type {number} */ x, /** @type {number} */ y) => {
    if (!card(x, y)) return [0, 0, 0, 0];
    if (pupil(x, y)) return [0x6e, 0xa5, 0xff, 1];
    if (eye(x, y)) return [0x52, 0xc7, 0x96, 1];
    return [0x19, 0x1f, 0x29, 1];
  };
}

/** @param {Buffer} pixels RGBA @param {number} size @returns {Buffer} */
function png(pixels, size) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const rows = Array.from({ length: size }, (_, y) =>
    Buffer.concat([Buffer.from([0]), pixels.subarray(y * size * 4, (y + 1) * size * 4)]),
  );
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** @param {string} type @param {Buffer} data @returns {Buffer} */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** @param {string} file below resources/ @param {number} size @param {(x: number, y: number) => number[]} colourAt */
function write(file, size, colourAt) {
  const path = join(RESOURCES, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, png(draw(size, colourAt), size));
}

/**
 * One state's icon at every size, and its template for macOS.
 * @param {string} name
 * @param {(size: number, isTemplate: boolean) => (x: number, y: number) => number[]} drawing
 */
function writeTray(name, drawing) {
  for (const size of SIZES) {
    write(`tray/${name}-${size}.png`, size, drawing(size, false));
    write(`tray/${name}-${size}@2x.png`, size * 2, drawing(size * 2, false));
  }
  write(`tray/${name}Template.png`, 16, drawing(16, true));
  write(`tray/${name}Template@2x.png`, 32, drawing(32, true));
}

for (const [name, { colour, shape }] of Object.entries(STATES)) {
  writeTray(name, (size, isTemplate) => plain(shape(size), isTemplate ? BLACK : colour));
  if (!BADGED.includes(name)) continue;
  writeTray(`${name}-waiting`, (size, isTemplate) =>
    badged(size, shape(size), isTemplate ? BLACK : colour, isTemplate ? BLACK : AMBER),
  );
}
write('icon.png', 512, appIcon());
