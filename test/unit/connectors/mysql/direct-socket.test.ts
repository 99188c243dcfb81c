import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packetSplitter } from '../../../../src/connectors/mysql/direct-socket.ts';

function packet(payload: Buffer, sequence: number): Buffer {
  const header = Buffer.alloc(4);
  header.writeUIntLE(payload.length, 0, 3);
  header[3] = sequence;
  return Buffer.concat([header, payload]);
}

function splitInPieces(bytes: Buffer, size: number): { payload: Buffer; sequence: number }[] {
  const found: { payload: Buffer; sequence: number }[] = [];
  const split = packetSplitter();
  for (let from = 0; from < bytes.length; from += size) {
    // As from a buffer that is used for every read.
    const piece = Buffer.concat([bytes.subarray(from, from + size), Buffer.from('what was there before')]);
    split(piece, Math.min(size, bytes.length - from), (all, start, end, sequence) => {
      found.push({ payload: Buffer.from(all.subarray(start, end)), sequence });
    });
  }
  return found;
}

test('packets are the same whatever pieces the network makes of them', () => {
  const payloads = [0, 1, 3, 4, 5, 250, 0, 17, 1000].map((size, at) => Buffer.alloc(size, at + 1));
  const bytes = Buffer.concat(payloads.map((payload, at) => packet(payload, at)));
  for (const size of [1, 2, 3, 4, 5, 7, 64, 1000, bytes.length]) {
    const found = splitInPieces(bytes, size);
    assert.deepEqual(
      found.map((each) => each.payload),
      payloads,
    );
    assert.deepEqual(
      found.map((each) => each.sequence),
      payloads.map((_, at) => at),
    );
  }
});

test('a payload of 16 MB and more comes as one, also when it ends with an empty part', () => {
  const longest = 0xff_ff_ff;
  for (const more of [0, 10]) {
    const payload = Buffer.alloc(longest + more, 7);
    const parts = [packet(payload.subarray(0, longest), 255), packet(payload.subarray(longest), 0)];
    const found = splitInPieces(Buffer.concat([...parts, packet(Buffer.from('next'), 1)]), 1_000_000);
    assert.equal(found.length, 2);
    assert.ok(found[0]?.payload.equals(payload));
    assert.deepEqual([found[0]?.sequence, found[1]?.sequence, found[1]?.payload.toString()], [0, 1, 'next']);
  }
});
