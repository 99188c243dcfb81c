/**
 * Rewrites a definition of one product for the other. The text is what the source's SHOW CREATE TABLE answered, so its
 * grammar is known; what the target has no counterpart for and that says nothing about values (an index, a check, a
 * storage option) is left out and named, everything else that is not understood refuses the table.
 */
import type { Coded } from '../../core/model.ts';
import { mapCollation } from './collations.ts';
import { closing, maskQuoted, splitCreateTable } from './create-table.ts';
import { type Dialect, isOtherProduct, productName } from './dialect.ts';
import { coded } from './errors.ts';
import { onlyKnownFunctions, unknownFunctions } from './expressions.ts';
import type { MysqlNative } from './native.ts';
import type { Flavour, MysqlColumn } from './schema.ts';

export type Translation = {
  readonly ddl: string;
  readonly warnings: readonly Coded[];
  readonly refusals: readonly Coded[];
};

/** @param columns as they are to be in the target, see `fitColumns` */
export function translateDdl(native: MysqlNative, columns: readonly MysqlColumn[], dialect: Dialect): Translation {
  const { ddl } = native.table;
  const parts = splitCreateTable(ddl);
  const sameColumns = columns.every((column, at) => column === native.table.columns[at]);
  const work: Work = {
    to: dialect.server.flavour,
    otherProduct: isOtherProduct(native, dialect),
    dialect,
    byName: new Map(columns.map((column) => [column.name, column])),
    engine: native.table.engine.toLowerCase(),
    partitioned: dialect.server.flavour === 'mysql' && PARTITION_BY.test(maskQuoted(parts.options)),
    changes: [],
    unknown: [],
    collations: [],
  };
  const options = translateOptions(work, parts.options);
  if (!work.otherProduct && sameColumns && options === parts.options && work.collations.length === 0) {
    return { ddl, warnings: [], refusals: [] };
  }
  const lifted: string[] = [];
  const kept = parts.definitions.flatMap((definition) => {
    if (definition.startsWith('`')) return [translateColumn(work, definition, lifted)];
    if (!work.otherProduct) return [definition];
    return /^(?:CONSTRAINT|CHECK|PERIOD)\b/.test(definition)
      ? translateConstraint(work, definition)
      : translateKey(work, definition);
  });
  const open = ddl.slice(0, ddl.indexOf(parts.definitions[0] ?? ''));
  const unit = native.table.name;
  const server = productName(dialect.server);
  const warnings: Coded[] = [];
  if (work.changes.length > 0) {
    warnings.push(coded('mysql.plan.definitionChanged', { unit, server, changes: work.changes.join('; ') }));
  }
  const computed = native.table.columns.filter((column) => column.generated).map((column) => column.name);
  if (work.otherProduct && computed.length > 0) {
    warnings.push(coded('mysql.plan.generatedElsewhere', { unit, server, columns: computed.join(', ') }));
  }
  const refusals = [
    ...work.unknown.map((part) => coded('mysql.plan.expressionElsewhere', { unit, server, part })),
    ...work.collations.map((collation) => coded('mysql.plan.tableCollation', { unit, server, collation })),
  ];
  return { ddl: `${open}${[...kept, ...lifted].join(',\n  ')}\n)${options}`, warnings, refusals };
}

type Work = {
  readonly to: Flavour;
  readonly otherProduct: boolean;
  readonly dialect: Dialect;
  readonly byName: ReadonlyMap<string, MysqlColumn>;
  /** The source's, lower case. */
  readonly engine: string;
  /** In a target that has partitions for InnoDB only. */
  readonly partitioned: boolean;
  /** Like a diff: `- left out`, `was → is`. */
  readonly changes: string[];
  /** Parts that the target may not understand or may understand otherwise. */
  readonly unknown: string[];
  readonly collations: string[];
};

/** Replaces what a pattern finds outside of quotes; the replacement is made of the original text. */
function rewrite(text: string, pattern: RegExp, replace: (found: string) => string): string {
  let out = '';
  let from = 0;
  for (const { index, 0: match } of maskQuoted(text).matchAll(pattern)) {
    out += text.slice(from, index) + replace(text.slice(index, index + match.length));
    from = index + match.length;
  }
  return out + text.slice(from);
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}

const VERSION_COMMENT = / ?\/\*M?!\d+ .*?\*\//gs;
const COMMENT_FRAME = /^ ?\/\*M?!\d+ |\s*\*\/$/g;

function nameOf(definition: string): string {
  const end = maskQuoted(definition).indexOf('`', 1);
  return definition.slice(1, end).replaceAll('``', '`');
}

function translateColumn(work: Work, definition: string, lifted: string[]): string {
  const name = nameOf(definition);
  const column = work.byName.get(name);
  const leaveOut = (what: string): string => {
    work.changes.push(`${name}: - ${short(what)}`);
    return '';
  };
  let text = definition;
  if (work.otherProduct) {
    text = rewrite(text, VERSION_COMMENT, (found) =>
      found.includes(' INVISIBLE ') ? ' INVISIBLE' : leaveOut(found.replace(COMMENT_FRAME, '')),
    );
    text = rewrite(text, / (?:REF_SYSTEM_ID=\d+|WITHOUT SYSTEM VERSIONING)/g, leaveOut);
    text = work.to === 'mysql' ? mysqlColumn(work, name, text, lifted) : mariaDbColumn(name, text, leaveOut);
    if (unknownFunctions(expressionsOf(text)).length > 0) {
      work.unknown.push(`${name}: ${unknownFunctions(expressionsOf(text)).join(', ')}`);
    }
  }
  return column === undefined ? text : withCollationOf(column, text);
}

/** What stands between the type and the comment: the only place where functions are called. */
function expressionsOf(column: string): string {
  const masked = maskQuoted(column);
  const type = /^`~*` \w+(?:\([^)]*\))?/.exec(masked)?.[0].length ?? 0;
  return masked.slice(type);
}

/** Character set and collation are stated, because the defaults of the products differ. */
function withCollationOf(column: MysqlColumn, text: string): string {
  if (column.charset === null || column.collation === null || column.dataType === 'json') return text;
  const type = /^`~*` \w+(?:\([^)]*\))?/;
  const bare = rewrite(text, / (?:CHARACTER SET|COLLATE) \w+/g, () => '');
  const length = type.exec(maskQuoted(bare))?.[0].length;
  if (length === undefined) return text;
  const json = /^`~*` json\b/.test(maskQuoted(bare));
  if (json) return bare;
  return `${bare.slice(0, length)} CHARACTER SET ${column.charset} COLLATE ${column.collation}${bare.slice(length)}`;
}

function mariaDbColumn(name: string, text: string, leaveOut: (what: string) => string): string {
  // Statements are utf8mb4 anyway, and MariaDB stumbles over some texts that are introduced by it.
  const plain = rewrite(text, /\b_utf8mb4(?=')/g, () => '');
  const typed = rewrite(plain, /^`~*` geomcollection\b/g, (found) =>
    found.replace(/geomcollection$/, 'geometrycollection'),
  );
  if (!/ GENERATED ALWAYS AS /.test(maskQuoted(typed))) return typed;
  return rewrite(typed, / NOT NULL/g, (found) => leaveOut(`${name} ${found.trim()}`));
}

const OBJECT_TYPE = /^`~*` (?:tiny|medium|long)?(?:text|blob)\b/;

function mysqlColumn(work: Work, name: string, text: string, lifted: string[]): string {
  let out = text;
  const check = lastClause(out, ' CHECK (');
  if (check !== undefined) {
    const clause = text.slice(check.from + 1, check.to);
    out = text.slice(0, check.from) + text.slice(check.to);
    // MariaDB keeps JSON as text under this check; MySQL takes fewer texts for valid.
    if (onlyKnownFunctions(maskQuoted(clause)) && !/\bjson_valid\(/i.test(maskQuoted(clause))) lifted.push(clause);
    else work.changes.push(`${name}: - ${short(clause)}`);
  }
  out = rewrite(out, /^`~*` (?:tiny|small|medium|big)?int\(\d+\)(?! unsigned zerofill| zerofill)/g, (found) =>
    found.replace(/\(\d+\)$/, ''),
  );
  out = rewrite(out, /^`~*` year\(4\)/g, (found) => found.slice(0, -3));
  return withDefaultInParentheses(out);
}

type Place = { readonly from: number; readonly to: number };

/** From the keyword to the end of its parenthesis. */
function lastClause(text: string, keyword: string): Place | undefined {
  const masked = maskQuoted(text);
  const from = masked.lastIndexOf(keyword);
  if (from < 0) return undefined;
  return { from, to: closing(masked, from + keyword.length - 1) };
}

/** MySQL asks for parentheses around a default that is no literal, and for one of its long types around every default. */
function withDefaultInParentheses(text: string): string {
  const masked = maskQuoted(text);
  const at = / DEFAULT /.exec(masked);
  if (at === null) return text;
  const from = at.index + at[0].length;
  const rest = masked.slice(from);
  const literal = /^(?:NULL|-?[\d.]+(?:e[-+]?\d+)?|(?:_\w+\s*)?[bx]?'~*')(?=\s|$)/i.exec(rest);
  if (literal !== null && (literal[0] === 'NULL' || !OBJECT_TYPE.test(masked))) return text;
  if (rest.startsWith('(') || /^(?:current_timestamp|now|localtimestamp)\b/i.test(rest)) return text;
  const call = /^\w+\(/.exec(rest);
  const end =
    literal !== null ? from + literal[0].length : call === null ? -1 : closing(masked, from + call[0].length - 1);
  return end < 0 ? text : `${text.slice(0, from)}(${text.slice(from, end)})${text.slice(end)}`;
}

function translateConstraint(work: Work, definition: string): string[] {
  const masked = maskQuoted(definition);
  const leaveOut = (): string[] => {
    work.changes.push(`- ${short(definition)}`);
    return [];
  };
  if (masked.startsWith('PERIOD')) {
    work.unknown.push(short(definition));
    return [];
  }
  const check = /^(?:CONSTRAINT `~*` )?CHECK /.exec(masked);
  if (check === null) return [definition];
  if (/NOT ENFORCED|\bjson_valid\(/i.test(masked) || !onlyKnownFunctions(masked)) return leaveOut();
  // Names of checks belong to the whole database there, and MariaDB calls the first of every table alike.
  return [work.to === 'mysql' ? definition.slice(check[0].length - 'CHECK '.length) : definition];
}

function translateKey(work: Work, definition: string): string[] {
  const masked = maskQuoted(definition);
  const list = masked.slice(masked.indexOf('('));
  const functional = /^\(\(|,\(/.test(list);
  const parser = masked.includes('WITH PARSER');
  // A unique key over whole long texts is kept by MariaDB as a hidden hash.
  const hash = work.to === 'mysql' && masked.includes(' USING HASH') && work.engine !== 'memory';
  const vector = masked.startsWith('VECTOR KEY');
  if (functional || parser || hash || vector) {
    work.changes.push(`- ${short(definition)}`);
    return [];
  }
  const invisible = work.to === 'mysql' ? ' INVISIBLE' : ' IGNORED';
  let out = rewrite(definition, VERSION_COMMENT, (found) => (found.includes('INVISIBLE') ? invisible : ''));
  out = rewrite(out, / IGNORED$| IGNORED(?= )/g, () => invisible);
  return [out];
}

/** Options that mean the same on both; the rest is about how the source stores the rows. */
const OPTIONS = new Set(
  (
    'ENGINE AUTO_INCREMENT COMMENT ROW_FORMAT KEY_BLOCK_SIZE CHECKSUM PACK_KEYS DELAY_KEY_WRITE MAX_ROWS MIN_ROWS ' +
    'AVG_ROW_LENGTH STATS_PERSISTENT STATS_AUTO_RECALC STATS_SAMPLE_PAGES'
  ).split(' '),
);
const OPTION = / (?:DEFAULT CHARSET|[A-Z_]+|`~*`)\s*=\s*(?:'~*'|`~*`|[^\s']+)/g;

const PARTITION_BY = /\s*(?:\/\*!\d+ )?PARTITION BY /;

function translateOptions(work: Work, options: string): string {
  const masked = maskQuoted(options);
  const from = PARTITION_BY.exec(masked)?.index ?? options.length;
  const head = options.slice(0, from);
  return (
    translateHead(work, head) +
    (work.otherProduct ? translatePartitions(work, options.slice(from)) : options.slice(from))
  );
}

function translateHead(work: Work, head: string): string {
  const withCollation = rewrite(head, / COLLATE=\w+/g, (found) => {
    const collation = found.slice(' COLLATE='.length);
    const fit = mapCollation(collation, work.dialect.collations, work.otherProduct);
    if (fit === undefined) work.collations.push(collation);
    else if (fit.name !== collation) work.changes.push(`COLLATE=${collation} → COLLATE=${fit.name}`);
    return fit === undefined ? found : ` COLLATE=${fit.name}`;
  });
  if (!work.otherProduct) return withCollation;
  const plain = rewrite(withCollation, VERSION_COMMENT, (found) => {
    work.changes.push(`- ${short(found.replace(COMMENT_FRAME, ''))}`);
    return '';
  });
  return rewrite(plain, OPTION, (found) => translateOption(work, found));
}

function translateOption(work: Work, option: string): string {
  const [name = '', value = ''] = option.trim().split(/\s*=\s*/, 2);
  const engine = value.toLowerCase();
  if (name === 'ENGINE' && (!work.dialect.engines.has(engine) || (work.partitioned && engine !== 'innodb'))) {
    work.changes.push(`ENGINE=${value} → ENGINE=InnoDB`);
    return ' ENGINE=InnoDB';
  }
  const known = OPTIONS.has(name) || name === 'DEFAULT CHARSET' || name === 'COLLATE';
  if (known && !(name === 'ROW_FORMAT' && value === 'PAGE')) return option;
  work.changes.push(`- ${short(option)}`);
  return '';
}

function translatePartitions(work: Work, text: string): string {
  const plain = text.replace(/^(\s*)\/\*!\d+ /, '$1').replace(/\s*\*\/\s*$/, '');
  if (!onlyKnownFunctions(maskQuoted(plain))) work.unknown.push(short(plain));
  return rewrite(plain, / ENGINE = \w+/g, (found) => {
    const engine = found.slice(' ENGINE = '.length).toLowerCase();
    return work.dialect.engines.has(engine) && !work.partitioned ? found : ' ENGINE = InnoDB';
  });
}
