/** Which items of a list with check boxes Enter is about. */

interface Item {
  readonly label: string;
}

interface Standing<T> {
  /** The checked ones. */
  readonly selectedItems: readonly T[];
  /** Where the keyboard stands. */
  readonly activeItems: readonly T[];
  /** What was typed. */
  readonly value: string;
}

/** The checked ones; else the one that the keyboard stands on; else the only one that what was typed can mean. */
export function meantItems<T extends Item>(items: readonly T[], at: Standing<T>): readonly T[] {
  if (at.selectedItems.length > 0) return at.selectedItems;
  if (at.activeItems.length > 0) return at.activeItems.slice(0, 1);
  const typed = at.value.trim().toLowerCase();
  if (typed === '') return [];
  const named = items.filter(({ label }) => label.toLowerCase() === typed);
  const fitting = named.length > 0 ? named : items.filter(({ label }) => label.toLowerCase().includes(typed));
  return fitting.length === 1 ? fitting : [];
}
