/**
 * A reporter of Node's test runner that writes only the sums, for the last line of `npm test`.
 * @param {AsyncIterable<{ type: string, data: any }>} events
 */
async function* counts(events) {
  for await (const { type, data } of events) {
    // Every file has a summary of its own; the one without a name is the whole run's.
    if (type !== 'test:summary' || data.file !== undefined) continue;
    const { passed, failed, cancelled, skipped, todo } = data.counts;
    yield JSON.stringify({ passed, failed: failed + cancelled, skipped: skipped + todo });
  }
}

// biome-ignore lint/style/noDefaultExport: the runner asks for it
export default counts;
