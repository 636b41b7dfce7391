import { deflateRawSync } from 'node:zlib';

export interface ZipInput {
  name: string;
  content: string | Buffer;
  /** Kept as it is; otherwise deflated. */
  stored?: boolean;
  /** Unix permission bits. */
  mode?: number;
  /** The size the zip claims, where it is not to be the true one. */
  announcedBytes?: number;
}

/** A small zip file. */
export function makeZip(inputs: ZipInput[], comment = ''): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const input of inputs) {
    const packed = input.stored ? Buffer.from(input.content) : deflateRawSync(input.content);
    const name = Buffer.from(input.name);
    const fields = fieldsOf(input, packed);
    const header = Buffer.concat([Buffer.from('PK\x03\x04\x14\0', 'latin1'), fields, name]);
    directory.push(directoryEntry(fields, input.mode ?? 0o644, offset), name);
    files.push(header, packed);
    offset += header.length + packed.length;
  }
  return Buffer.concat([
    ...files,
    ...directory,
    endOf(inputs.length, Buffer.concat(directory).length, offset, comment),
  ]);
}

/** The fields a file's header and its directory entry have in common; the checksum is left out. */
function fieldsOf({ name, content, stored, announcedBytes }: ZipInput, packed: Buffer): Buffer {
  const fields = Buffer.alloc(24);
  fields.writeUInt16LE(stored ? 0 : 8, 2);
  fields.writeUInt32LE(packed.length, 12);
  fields.writeUInt32LE(announcedBytes ?? content.length, 16);
  fields.writeUInt16LE(Buffer.byteLength(name), 20);
  return fields;
}

function directoryEntry(fields: Buffer, mode: number, offset: number): Buffer {
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE((mode << 16) >>> 0, 6);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([Buffer.from('PK\x01\x02\x14\x03\x14\0', 'latin1'), fields, rest]);
}

function endOf(count: number, directoryBytes: number, directoryOffset: number, comment: string): Buffer {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(directoryOffset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([end, Buffer.from(comment)]);
}
