import type { OpenFile, SocketFact } from '../../engine/ports';

/** What `lsof` is asked to print, as parseOpenFiles reads it. */
export const LSOF_FIELDS = '-FpfatPTn0';

/** Where one process works and what it holds open. */
export interface HeldFiles {
  workingDirectory: string | null;
  files: OpenFile[];
  /** TCP alone. */
  sockets: SocketFact[];
}

/** Kinds of files that have a path; sockets and pipes show other things in its place. */
const WITH_PATH = new Set(['REG', 'DIR', 'CHR', 'BLK', 'FIFO', 'VREG', 'VDIR', 'VCHR', 'VBLK']);

/**
 * Read `lsof -n -P -FpfatPTn0`: a set of fields for each process and file, each field a letter and a value that ends in
 * NUL, each set ending in a line break. Names with control characters are printed with marks in place of them and match nothing.
 */
export function parseOpenFiles(output: string): Map<number, HeldFiles> {
  const held = new Map<number, HeldFiles>();
  let current: HeldFiles | null = null;
  for (const set of output.split('\n')) {
    const values = set.split('\0').filter(Boolean);
    const fields = new Map(values.map((field) => [field.charAt(0), field.slice(1)]));
    const pid = fields.get('p');
    if (pid !== undefined) {
      current = { workingDirectory: null, files: [], sockets: [] };
      held.set(Number(pid), current);
    }
    if (!current) continue;
    const name = fields.get('n') ?? '';
    if (fields.get('P') === 'TCP') {
      // Of `T`, which stands several times, only the state is of interest.
      const socket = socketOf(name, values.find((field) => field.startsWith('TST='))?.slice(4) ?? '');
      if (socket) current.sockets.push(socket);
    }
    if (!name.startsWith('/') || !WITH_PATH.has(fields.get('t') ?? '')) continue;
    const file = fields.get('f') ?? '';
    if (file === 'cwd') current.workingDirectory = name;
    else if (/^\d+$/.test(file)) current.files.push({ path: name, writing: /[wu]/.test(fields.get('a') ?? '') });
  }
  return held;
}

const END = String.raw`(\*|\[[^\]]+\]|[^:\[\]]+):(\d+|\*)`;
const NAME = new RegExp(`^${END}(?:->${END})?$`);

/** `127.0.0.1:1234->127.0.0.1:80`, `[::1]:1234->[::1]:80`, `*:80`. */
function socketOf(name: string, state: string): SocketFact | null {
  const [, localAddress = '', localPort = '', remoteAddress = '', remotePort = ''] = NAME.exec(name) ?? [];
  if (!localAddress) return null;
  return {
    state: state === 'ESTABLISHED' ? 'established' : state === 'LISTEN' ? 'listening' : 'other',
    localAddress: bare(localAddress),
    localPort: Number(localPort) || 0,
    remoteAddress: bare(remoteAddress),
    remotePort: Number(remotePort) || 0,
  };
}

const bare = (address: string): string => address.replace(/^\[|\]$/g, '');
