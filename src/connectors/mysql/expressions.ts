/** Functions that MariaDB and MySQL both have, under one name and with one meaning, in defaults, checks and generated columns. */

const KNOWN = new Set(
  // Words of the grammar and types inside CAST that stand before a parenthesis, too.
  (
    'columns hash key range list in than values and or not xor between like div mod is as case when then else ' +
    'char varchar binary varbinary decimal numeric signed unsigned date datetime time double float real integer ' +
    'abs ceil ceiling floor round truncate sign sqrt pow power exp ln log log2 log10 pi radians degrees sin cos tan ' +
    'greatest least coalesce ifnull nullif if isnull interval cast convert ' +
    'concat concat_ws upper ucase lower lcase trim ltrim rtrim left right substr substring substring_index mid ' +
    'length octet_length char_length character_length bit_length lpad rpad repeat reverse replace space strcmp ' +
    'instr locate position insert elt field find_in_set ascii ord hex unhex bin oct conv crc32 sha2 md5 sha1 sha ' +
    'year month day dayofmonth dayofweek dayofyear weekday week weekofyear yearweek quarter hour minute second ' +
    'microsecond to_days from_days to_seconds last_day makedate maketime str_to_date date_format time_format ' +
    'date_add date_sub adddate subdate addtime subtime datediff timediff timestampdiff timestampadd timestamp ' +
    'unix_timestamp from_unixtime extract period_add period_diff sec_to_time time_to_sec ' +
    'now current_timestamp localtimestamp localtime current_date current_time curdate curtime sysdate utc_date ' +
    'utc_time utc_timestamp uuid uuid_short rand bit_count inet_aton inet_ntoa inet6_aton inet6_ntoa ' +
    'json_array json_object json_quote json_unquote json_extract json_value json_length json_keys json_contains json_type json_valid ' +
    'st_x st_y st_srid st_astext st_geomfromtext point linestring polygon'
  ).split(' '),
);

/** Names that are called in a text whose quoted pieces are masked. */
export function unknownFunctions(masked: string): string[] {
  const called = [...masked.matchAll(/\b([A-Za-z_]\w*)\(/g)].map((found) => (found[1] ?? '').toLowerCase());
  return [...new Set(called)].filter((name) => !KNOWN.has(name));
}

export function onlyKnownFunctions(masked: string): boolean {
  return unknownFunctions(masked).length === 0;
}
