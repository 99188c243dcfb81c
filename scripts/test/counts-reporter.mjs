import path from 'node:path';

/**
 * A reporter of Node's test runner that writes only the sums, for the last line of `npm test`. A file whose process
 * ended before it had summed up counts as a failure: the runner itself would take an early `process.exit(0)` for success.
 * @param {AsyncIterable<{ type: string, data: any }>} events
 */
async function* counts(events) {
  /** Files that ended well as far as their exit code says. @type {Set<string>} */
  const ended = new Set();
  /** @type {Set<string>} */
  const summedUp = new Set();
  for await (const { type, data } of events) {
    if (type === 'test:complete' && path.resolve(data.name) === data.file && data.details.passed) ended.add(data.file);
    if (type !== 'test:summary') continue;
    // Every file has a summary of its own; the one without a name is the whole run's.
    if (data.file !== undefined) {
      summedUp.add(data.file);
      continue;
    }
    const { passed, failed, cancelled, skipped, todo } = data.counts;
    const unfinished = [...ended].filter((file) => !summedUp.has(file));
    yield JSON.stringify({
      passed: passed - unfinished.length,
      failed: failed + cancelled + unfinished.length,
      skipped: skipped + todo,
      unfinished,
    });
  }
}

// biome-ignore lint/style/noDefaultExport: the runner asks for it
export default counts;
