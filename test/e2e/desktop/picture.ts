/** Pixels of an icon. */
export interface Picture {
  width: number;
  height: number;
  /** Red, green, blue, alpha (0 to 255) at a point given as shares of width and height. */
  at(x: number, y: number): [number, number, number, number];
}

export type Shape = 'square' | 'circle' | 'ring' | 'bars' | 'other';
export type Hue = 'red' | 'green' | 'blue' | 'grey';

/** The largest of the pixmaps: ARGB, network byte order. */
export function largest(pixmaps: [number, number, Buffer][]): Picture {
  const [width, height, argb] = pixmaps.reduce((best, each) => (each[0] > best[0] ? each : best));
  return {
    width,
    height,
    at(x, y) {
      const offset = (Math.floor(y * height) * width + Math.floor(x * width)) * 4;
      const [alpha = 0, red = 0, green = 0, blue = 0] = argb.subarray(offset, offset + 4);
      return [red, green, blue, alpha];
    },
  };
}

/** Shape and colour, and what stands in its corner: `green ring`, `blue circle with an amber diamond`. */
export function lookOf(picture: Picture): string {
  const badge = hasDiamond(picture) ? ` with ${isAmber(DIAMOND, picture) ? 'an amber' : 'a'} diamond` : '';
  return `${hueOf(picture)} ${shapeOf(picture)}${badge}`;
}

/** The middle of the lower right corner's diamond. */
const DIAMOND = [0.71, 0.71] as const;

/** Told by where it is filled: a square to its corners, a circle not, a ring not in the middle, bars only aside of it. */
export function shapeOf(picture: Picture): Shape {
  const filled = (x: number, y: number) => picture.at(x, y)[3] > 128;
  // Clear of a badge.
  const centre = filled(0.42, 0.42);
  const ends: [number, number][] = [
    [0.18, 0.18],
    [0.18, 0.82],
    [0.82, 0.18],
  ];
  // What belongs to a badge tells nothing of the shape.
  if (!hasDiamond(picture)) ends.push([0.82, 0.82]);
  const corners = ends.map(([x, y]) => filled(x, y));
  const left = filled(0.14, 0.5);
  const bar = filled(0.28, 0.5);
  const top = filled(0.5, 0.14);
  if (corners.some(Boolean) && !centre) return bar && !top ? 'bars' : 'other';
  if (corners.every(Boolean) && top && left) return 'square';
  if (corners.some(Boolean) || !top || !left) return 'other';
  return centre ? 'circle' : 'ring';
}

/** The colour of its filled part, by its strongest component. */
export function hueOf(picture: Picture): Hue {
  const [red, green, blue] = picture.at(0.22, 0.5);
  const most = Math.max(red, green, blue);
  if (most - Math.min(red, green, blue) < 40) return 'grey';
  if (most === red) return 'red';
  return most === green ? 'green' : 'blue';
}

/** Filled towards its four tips, the last of which lie beyond every other shape, and apart from what is around it. */
function hasDiamond(picture: Picture): boolean {
  const opaque = (x: number, y: number) => picture.at(x, y)[3] > 128;
  const [x, y] = DIAMOND;
  const tips = [opaque(x, y - 0.2), opaque(x - 0.2, y), opaque(x + 0.24, y), opaque(x, y + 0.24)];
  // On the way to the middle of the icon there is a gap, outwards nothing.
  const gap = [0.14, 0.17, 0.2, 0.23].some((way) => picture.at(x - way, y - way)[3] < 128);
  return opaque(x, y) && tips.every(Boolean) && gap && !opaque(0.95, 0.95);
}

function isAmber([x, y]: readonly [number, number], picture: Picture): boolean {
  const [red, green, blue] = picture.at(x, y);
  return red > green + 40 && green > blue + 60;
}
