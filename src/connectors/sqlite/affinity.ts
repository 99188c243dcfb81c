/** The rules of https://www.sqlite.org/datatype3.html 3.1, in their order. */
export function affinity(type: string): 'INTEGER' | 'TEXT' | 'BLOB' | 'REAL' | 'NUMERIC' {
  const declared = type.toUpperCase();
  if (declared.includes('INT')) return 'INTEGER';
  if (/CHAR|CLOB|TEXT/.test(declared)) return 'TEXT';
  if (declared === '' || declared.includes('BLOB')) return 'BLOB';
  if (/REAL|FLOA|DOUB/.test(declared)) return 'REAL';
  return 'NUMERIC';
}
