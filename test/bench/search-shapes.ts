/** Documents of the measurements between search servers. */
import { createHash } from 'node:crypto';

export const SEARCH_SHAPES = ['small', 'large'] as const;

export type SearchShape = (typeof SEARCH_SHAPES)[number];

/** How many there are where nobody says it. */
export const DOCUMENTS: Readonly<Record<SearchShape, number>> = { small: 200_000, large: 10_000 };

export const MAPPINGS: Readonly<Record<SearchShape, object>> = {
  small: {
    properties: {
      number: { type: 'long' },
      name: { type: 'keyword' },
      text: { type: 'text' },
      amount: { type: 'double' },
      active: { type: 'boolean' },
      at: { type: 'date' },
    },
  },
  large: { properties: { number: { type: 'long' }, title: { type: 'keyword' }, body: { type: 'text', index: false } } },
};

/** About 190 bytes, and about 10 KB. */
export function documentOf(shape: SearchShape, number: number): object {
  const name = createHash('md5').update(String(number)).digest('hex');
  if (shape === 'large') {
    const body = createHash('sha512').update(name).digest('hex').repeat(78);
    return { number, title: name, body, tags: ['a', 'b', String(number % 7)], nested: { deep: { value: number } } };
  }
  const at = new Date(1_700_000_000_000 + number * 1_000).toISOString();
  return { number, name, text: `document ${number} of many`, amount: number / 100, active: number % 2 === 0, at };
}
