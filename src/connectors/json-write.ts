/** Single values as JSON text. */
import { ensure, type Output, putAscii } from './output.ts';

const SHORT: ReadonlyMap<number, string> = new Map([
  [0x22, '\\"'],
  [0x5c, '\\\\'],
  [0x0a, '\\n'],
  [0x0d, '\\r'],
  [0x09, '\\t'],
]);

/** @param text UTF-8; of anything else the JSON would be none */
export function putJsonText(out: Output, text: Uint8Array): void {
  let grows = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at] as number;
    if (byte < 0x20) grows += 5;
    else if (byte === 0x22 || byte === 0x5c) grows++;
  }
  ensure(out, text.length + grows + 2);
  const { bytes } = out;
  bytes[out.length++] = 0x22;
  if (grows === 0) {
    bytes.set(text, out.length);
    out.length += text.length;
  } else {
    for (let at = 0; at < text.length; at++) {
      const byte = text[at] as number;
      if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) bytes[out.length++] = byte;
      else putAscii(out, SHORT.get(byte) ?? `\\u${byte.toString(16).padStart(4, '0')}`);
    }
  }
  bytes[out.length++] = 0x22;
}

/** The shortest digits that are the same double again, and always told from those of an integer. */
export function realText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const text = String(value);
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text;
}
