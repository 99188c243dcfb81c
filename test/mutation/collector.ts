/** Stands in for `node:test` while mutants are tried: the tests are collected, to be run as often as it takes. */

export interface Collected {
  readonly name: string;
  readonly run: () => unknown;
}

export const collected: Collected[] = [];
const titles: string[] = [];

export function test(name: string, run: () => unknown): void {
  collected.push({ name: [...titles, name].join(' > '), run });
}

export function describe(title: string, body: () => void): void {
  titles.push(title);
  body();
  titles.pop();
}
