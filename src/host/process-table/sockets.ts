import { readdirSync } from 'node:fs';
import { endianness } from 'node:os';
import type { SocketFact } from '../../engine/ports';
import { readProc, readProcLink } from './proc-file';

/** A process with more open files than this is looked at in part. */
const FILES_LOOKED_AT = 10_000;
/** Of a network namespace's table: some 27,000 sockets. What stands behind is not seen. */
const TABLE_BYTES = 4 * 1024 * 1024;
/** As long as it takes to go through a tree. */
const TABLE_KEPT_MS = 100;
const ESTABLISHED = 0x01;
const LISTENING = 0x0a;
/** IPv4 within IPv6 (::ffff:0:0/96), as a program sees it that listens on both. */
const MAPPED = [0, 0, 0, 0, 0, 0xffff];

type ByInode = ReadonlyMap<string, SocketFact>;

/**
 * Reads the TCP sockets of a process from /proc: those of its network namespace whose inode one of its open files is. Null
 * where its open files or the table may not be read. A process without a socket costs no more than its links. The table is
 * dear (the kernel goes through all the room it has for sockets, some milliseconds on a large machine), so the processes of
 * a tree, asked for in one breath, share it.
 */
export function createSocketReader(): (pid: number) => SocketFact[] | null {
  let kept: { namespace: string; byInode: ByInode; untilMs: number } | null = null;

  function tableOf(pid: number): ByInode | null {
    const namespace = readProcLink(`/proc/${pid}/ns/net`);
    if (kept && kept.namespace === namespace && performance.now() < kept.untilMs) return kept.byInode;
    const byInode = readTables(pid);
    if (namespace !== null && byInode) kept = { namespace, byInode, untilMs: performance.now() + TABLE_KEPT_MS };
    return byInode;
  }

  return (pid) => {
    const inodes = socketInodes(pid);
    if (!inodes?.length) return inodes && [];
    const byInode = tableOf(pid);
    return byInode && inodes.flatMap((inode) => byInode.get(inode) ?? []);
  };
}

function readTables(pid: number): ByInode | null {
  const v4 = readProc(`/proc/${pid}/net/tcp`, TABLE_BYTES);
  const v6 = readProc(`/proc/${pid}/net/tcp6`, TABLE_BYTES);
  if (!v4.ok) return null;
  // Where the kernel knows no IPv6 there is no such table.
  const both = [v4, v6].map((read) => (read.ok ? parseSocketTable(read.data.toString('latin1')) : new Map()));
  return new Map(both.flatMap((table) => [...table]));
}

function socketInodes(pid: number): string[] | null {
  let names: string[];
  try {
    names = readdirSync(`/proc/${pid}/fd`);
  } catch {
    return null;
  }
  const inodes: string[] = [];
  for (const name of names.slice(0, FILES_LOOKED_AT)) {
    const inode = /^socket:\[(\d+)\]$/.exec(readProcLink(`/proc/${pid}/fd/${name}`) ?? '')?.[1];
    if (inode !== undefined) inodes.push(inode);
  }
  return inodes;
}

/** Read /proc/<pid>/net/tcp or tcp6, as proc_pid_net(5) describes them. Sockets that nobody holds (inode 0) are left out. */
export function parseSocketTable(text: string, order: 'LE' | 'BE' = endianness()): Map<string, SocketFact> {
  const sockets = new Map<string, SocketFact>();
  for (const line of text.split('\n').slice(1)) {
    const [, local = '', remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/, 10);
    if (!(Number(inode) > 0)) continue;
    const [from, to] = [parseEnd(local, order), parseEnd(remote, order)];
    if (!from || !to) continue;
    sockets.set(inode, {
      state: stateOf(Number.parseInt(state, 16)),
      localAddress: from.address,
      localPort: from.port,
      remoteAddress: to.address,
      remotePort: to.port,
    });
  }
  return sockets;
}

function stateOf(state: number): SocketFact['state'] {
  return state === ESTABLISHED ? 'established' : state === LISTENING ? 'listening' : 'other';
}

/** `0100007F:1F90`: the address in words of 32 bits as they lie in memory, the port as a number. */
function parseEnd(text: string, order: 'LE' | 'BE'): { address: string; port: number } | null {
  const match = /^((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4})$/i.exec(text);
  if (!match?.[1] || !match[2]) return null;
  const bytes = (match[1].match(/.{8}/g) ?? []).flatMap((word) => {
    const inOrder = [0, 2, 4, 6].map((at) => Number.parseInt(word.slice(at, at + 2), 16));
    return order === 'LE' ? inOrder.reverse() : inOrder;
  });
  const address = addressOf(bytes);
  return address === null ? null : { address, port: Number.parseInt(match[2], 16) };
}

function addressOf(bytes: number[]): string | null {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return null;
  const groups = Array.from({ length: 8 }, (_, at) => (bytes[2 * at] ?? 0) * 256 + (bytes[2 * at + 1] ?? 0));
  if (MAPPED.every((group, at) => groups[at] === group)) return bytes.slice(12).join('.');
  return new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]`).hostname.slice(1, -1);
}
