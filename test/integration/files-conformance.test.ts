import { type Kind, makeFilesSystem } from '../conformance/files-system.ts';
import { runConformance } from '../conformance/suite.ts';

const PAIRS: readonly (readonly [Kind, Kind])[] = [
  ['jsonl', 'jsonl'],
  ['csv gzip', 'csv gzip'],
  ['sqlite', 'jsonl gzip'],
  ['sqlite', 'csv'],
  ['jsonl gzip', 'sqlite'],
  ['csv', 'sqlite'],
];

for (const [from, to] of PAIRS)
  runConformance(`${from} to ${to}`, () => makeFilesSystem(from, to), {
    sourceIsFile: from !== 'sqlite',
    targetIsFile: to !== 'sqlite',
  });
