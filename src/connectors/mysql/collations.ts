/**
 * Which collation of a server takes the place of one that it does not have. MariaDB and MySQL share the older ones;
 * those made after Unicode 5.2 carry different names and compare a few characters differently.
 */

/** `equal`: compares every two texts alike. `near`: the same alphabet and strength by another version of Unicode. */
export type MappedCollation = { readonly name: string; readonly order: 'equal' | 'near' };

/** The languages for which both have rules: MySQL's short name, MariaDB's long one. */
const LANGUAGES: readonly (readonly [string, string])[] = [
  ['cs', 'czech'],
  ['da', 'danish'],
  ['de_pb', 'german2'],
  ['eo', 'esperanto'],
  ['es', 'spanish'],
  ['es_trad', 'spanish2'],
  ['et', 'estonian'],
  ['hr', 'croatian'],
  ['hu', 'hungarian'],
  ['is', 'icelandic'],
  ['la', 'roman'],
  ['lt', 'lithuanian'],
  ['lv', 'latvian'],
  ['pl', 'polish'],
  ['ro', 'romanian'],
  ['sk', 'slovak'],
  ['sl', 'slovenian'],
  ['sv', 'swedish'],
  ['tr', 'turkish'],
  ['vi', 'vietnamese'],
];

/** Collations of one name that sort differently on the other product, and the name of the same one there. */
const FALSE_FRIENDS: readonly (readonly [string, string])[] = ['utf8mb3', 'utf8mb4', 'ucs2', 'utf16', 'utf32'].map(
  (charset) => [`${charset}_croatian_ci`, `${charset}_croatian_mysql561_ci`],
);

/**
 * @param present names of the target's collations
 * @param otherProduct the target is MariaDB and the source MySQL, or the reverse
 * @returns undefined when the target has none that comes near
 */
export function mapCollation(
  collation: string,
  present: ReadonlySet<string>,
  otherProduct: boolean,
): MappedCollation | undefined {
  const falseFriend = otherProduct ? FALSE_FRIENDS.find((pair) => pair.includes(collation)) : undefined;
  const sameName = falseFriend === undefined ? spellings(collation) : [];
  const equals = [...sameName, ...equalNames(collation)];
  // MariaDB answers to MySQL's newer names, too, and compares by its own rules.
  const borrowed = otherProduct && collation.includes('_0900_');
  const equal = equals.find((each) => present.has(each) && !(borrowed && each === collation));
  if (equal !== undefined) return { name: equal, order: 'equal' };
  const near = nearNames(collation).find((each) => present.has(each));
  return near === undefined ? undefined : { name: near, order: 'near' };
}

/** `utf8` is the old name of `utf8mb3`. */
function spellings(collation: string): string[] {
  if (collation.startsWith('utf8_')) return [collation, collation.replace('utf8_', 'utf8mb3_')];
  return collation.startsWith('utf8mb3_') ? [collation, collation.replace('utf8mb3_', 'utf8_')] : [collation];
}

function equalNames(collation: string): string[] {
  const friend = FALSE_FRIENDS.find((pair) => pair.includes(collation));
  if (friend !== undefined) return friend.filter((each) => each !== collation);
  if (collation === 'utf8mb4_0900_bin') return ['utf8mb4_nopad_bin'];
  return collation === 'utf8mb4_nopad_bin' ? ['utf8mb4_0900_bin'] : [];
}

/** Best first. */
function nearNames(collation: string): string[] {
  if (FALSE_FRIENDS.some((pair) => pair[0] === collation)) return [collation];
  const fromMysql = /^utf8mb4_(?:(\w+)_)?0900_(ai_ci|as_ci|as_cs)$/.exec(collation);
  if (fromMysql !== null) {
    const [, short, strength = ''] = fromMysql;
    if (short === undefined) return [`utf8mb4_uca1400_nopad_${strength}`, ...older('utf8mb4', '_nopad', strength)];
    const long = LANGUAGES.find(([each]) => each === short)?.[1];
    return long === undefined ? [] : [`utf8mb4_uca1400_${long}_nopad_${strength}`];
  }
  const fromMariaDb = /^(\w+?)_uca1400_(?:([a-z0-9]+)_)??(nopad_)?(ai_ci|as_ci|ai_cs|as_cs)$/.exec(collation);
  if (fromMariaDb !== null) {
    const [, charset = '', long, , strength = ''] = fromMariaDb;
    if (long === undefined) return [...mysqlNames(charset, '', strength), ...older(charset, '', strength)];
    const short = LANGUAGES.find(([, each]) => each === long)?.[0];
    return short === undefined ? [] : mysqlNames(charset, `${short}_`, strength);
  }
  // A padded comparison is what the others all have.
  return collation.includes('_nopad_') ? [collation.replace('_nopad_', '_')] : [];
}

/** The strength itself, then the next finer one. */
function mysqlNames(charset: string, language: string, strength: string): string[] {
  const strengths = { ai_ci: ['ai_ci'], as_ci: ['as_ci', 'as_cs'], ai_cs: ['as_cs'], as_cs: ['as_cs'] }[strength];
  return (strengths ?? []).map((each) => `${charset}_${language}0900_${each}`);
}

function older(charset: string, pad: string, strength: string): string[] {
  return strength === 'ai_ci' ? [`${charset}_unicode_520${pad}_ci`] : [];
}
