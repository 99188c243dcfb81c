/** Names that would be mistaken for each other, by people or in environment variables. */
import { type DocNode, member, membersOf, type Reporter } from './document.ts';
import { environmentName } from './references.ts';

export function checkNames(root: DocNode, reporter: Reporter): void {
  for (const section of ['connections', 'tasks', 'schedules']) {
    const byCase = new Map<string, string>();
    const byVariable = new Map<string, string>();
    for (const [name, node] of membersOf(member(root, section))) {
      const place = node.key ?? node;
      const sameCase = byCase.get(name.toLowerCase());
      const sameVariable = byVariable.get(environmentName(name));
      if (sameCase !== undefined) {
        reporter.error(place, node.path, { code: 'name.sameButCase', args: { name, other: sameCase } });
      } else if (sameVariable !== undefined) {
        const args = { name, other: sameVariable, variable: environmentName(name) };
        reporter.error(place, node.path, { code: 'name.sameVariable', args });
      }
      byCase.set(name.toLowerCase(), name);
      byVariable.set(environmentName(name), name);
    }
  }
}
