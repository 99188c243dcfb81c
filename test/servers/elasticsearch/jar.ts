import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** Writes all files below a folder into a jar, unpacked: Java keeps what it knows of classes only where they are in one. */
export async function packJar(folder: string, jar: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const name = Buffer.from(path.slice(folder.length + 1).replaceAll('\\', '/'));
    const content = await readFile(path);
    const common = commonFields(content, name);
    pieces.push(Buffer.from('PK\x03\x04', 'latin1'), common, name, content);
    // Made by version 1.0; no comment, first disk, no attributes.
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x0a\x00', 'latin1'), common, tail, name);
    offset += 4 + common.length + name.length + content.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  const count = directory.length / 4;
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  await writeFile(jar, Buffer.concat([...pieces, listed, end]));
}

/** What an entry and its line in the directory have in common; its time is the beginning of 1980. */
function commonFields(content: Buffer, name: Buffer): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(10, 0);
  fields.writeUInt16LE(0x21, 8);
  fields.writeUInt32LE(crc32(content), 10);
  fields.writeUInt32LE(content.length, 14);
  fields.writeUInt32LE(content.length, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}
