/** Memory that grows while rows are written into it, used again for the next page. */
export interface Output {
  bytes: Buffer;
  length: number;
}

export function createOutput(): Output {
  return { bytes: Buffer.allocUnsafeSlow(64 * 1024), length: 0 };
}

/** Makes sure that `more` bytes fit. */
export function ensure(out: Output, more: number): void {
  const needed = out.length + more;
  if (needed <= out.bytes.length) return;
  const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * out.bytes.length));
  out.bytes.copy(grown, 0, 0, out.length);
  out.bytes = grown;
}

/** ASCII only. */
export function putAscii(out: Output, text: string): void {
  ensure(out, text.length);
  const { bytes } = out;
  let at = out.length;
  for (let index = 0; index < text.length; index++) bytes[at++] = text.charCodeAt(index);
  out.length = at;
}

export function putByte(out: Output, byte: number): void {
  ensure(out, 1);
  out.bytes[out.length++] = byte;
}

export function putBytes(out: Output, bytes: Uint8Array): void {
  ensure(out, bytes.length);
  out.bytes.set(bytes, out.length);
  out.length += bytes.length;
}

export function putBase64(out: Output, bytes: Uint8Array): void {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = view.toString('base64');
  ensure(out, text.length);
  out.length += out.bytes.write(text, out.length, 'latin1');
}
