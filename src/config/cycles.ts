/**
 * The cycles of a graph, one for each group of nodes that reach each other, each as a path that ends where it began
 * (`a, b, c, a`). Linear in nodes and edges, without recursion: 100,000 units are a design size.
 */
export function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const state = new Map<string, 'open' | 'done'>();
  for (const start of edges.keys()) {
    if (state.has(start)) continue;
    const path: string[] = [start];
    const positions: number[] = [0];
    state.set(start, 'open');
    while (path.length > 0) {
      const node = path[path.length - 1]!;
      const next = edges.get(node)?.[positions[positions.length - 1]!++];
      if (next === undefined) {
        state.set(node, 'done');
        path.pop();
        positions.pop();
      } else if (state.get(next) === 'open') {
        cycles.push([...path.slice(path.indexOf(next)), next]);
      } else if (!state.has(next) && edges.has(next)) {
        state.set(next, 'open');
        path.push(next);
        positions.push(0);
      }
    }
  }
  return cycles;
}
