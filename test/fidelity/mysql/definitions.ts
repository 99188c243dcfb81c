/** Definitions: engines, options, generated and invisible columns, defaults, checks, partitions, indexes, foreign keys. */
import type { NastyTable } from './tables.ts';

export const DEFINITIONS: readonly NastyTable[] = [
  {
    name: 'generated_columns',
    quick: true,
    sql: `CREATE TABLE generated_columns (id INT NOT NULL AUTO_INCREMENT, price DECIMAL(10,2) NOT NULL, quantity INT NOT NULL,
        total DECIMAL(20,2) GENERATED ALWAYS AS (price * quantity) STORED, doubled INT GENERATED ALWAYS AS (quantity * 2) VIRTUAL, label VARCHAR(40) GENERATED ALWAYS AS (CONCAT('n', quantity, ' it''s)')) STORED COMMENT 'it''s, )',
        PRIMARY KEY (id), KEY (total), KEY (doubled), UNIQUE KEY (label, id)) AUTO_INCREMENT = 1000;
      INSERT INTO generated_columns (id, price, quantity) VALUES (0, 1.10, 3), (1, 2.20, 4), (5, 0, 0), (-3, 9.99, 1)`,
  },
  {
    name: 'generated_not_null',
    on: ['mysql'],
    sql: `CREATE TABLE generated_not_null (id INT NOT NULL PRIMARY KEY, a INT, b INT GENERATED ALWAYS AS (id + 1) STORED NOT NULL, c INT GENERATED ALWAYS AS (id + 2) VIRTUAL NOT NULL, KEY (b)); INSERT INTO generated_not_null (id, a) VALUES (1, 2), (2, NULL)`,
  },
  {
    name: 'invisible_columns',
    quick: true,
    sql: `CREATE TABLE invisible_columns (hidden INT DEFAULT 5 INVISIBLE, id INT NOT NULL PRIMARY KEY, v TEXT, secret VARCHAR(20) DEFAULT 'it''s' INVISIBLE COMMENT 'INVISIBLE');
      INSERT INTO invisible_columns (hidden, id, v, secret) VALUES (1, 1, 'a', 'h0'), (NULL, 2, NULL, NULL), (5, 3, '', DEFAULT)`,
  },
  {
    name: 'invisible_key',
    sql: `CREATE TABLE invisible_key (v TEXT, my_row_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT INVISIBLE, PRIMARY KEY (my_row_id)); INSERT INTO invisible_key (v, my_row_id) VALUES ('a', 3), ('b', 7), (NULL, 18446744073709551614)`,
  },
  {
    name: 'defaults',
    quick: true,
    sql: `CREATE TABLE defaults (id INT NOT NULL PRIMARY KEY, a VARCHAR(20) DEFAULT '', b VARCHAR(20) DEFAULT 'NULL', c VARCHAR(20) NOT NULL DEFAULT 'it''s \\\\ "x"', d INT DEFAULT -1, e DECIMAL(5,2) NOT NULL DEFAULT 1.50, f DOUBLE DEFAULT 1e-10,
        g DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), h BIT(4) DEFAULT b'101', i BINARY(3) DEFAULT 'abc', j DATE DEFAULT '2000-01-01', k ENUM('a', 'b') DEFAULT 'b', l CHAR(3) CHARACTER SET latin1 DEFAULT 'ä', m TIMESTAMP NULL DEFAULT NULL, n INT NOT NULL, o YEAR DEFAULT 2000);
      INSERT INTO defaults (id, g, n) VALUES (1, '2001-01-01 00:00:00.5', 0), (2, NULL, 1); INSERT INTO defaults VALUES (3, NULL, '', 'x', NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 5, NULL)`,
  },
  {
    name: 'default_expressions',
    sql: `CREATE TABLE default_expressions (id INT NOT NULL PRIMARY KEY, a INT DEFAULT (1 + 1), b VARCHAR(40) DEFAULT (CONCAT('a', 'b')), c CHAR(36) DEFAULT (UUID()), d TEXT DEFAULT ('long'), e BLOB DEFAULT ('x'), f DATE DEFAULT (CURRENT_DATE));
      INSERT INTO default_expressions (id, f) VALUES (1, '2024-01-01'), (2, NULL); INSERT INTO default_expressions VALUES (3, NULL, NULL, NULL, NULL, NULL, NULL)`,
  },
  {
    name: 'checks',
    quick: true,
    sql: `CREATE TABLE checks (id INT NOT NULL PRIMARY KEY, a INT CHECK (a > 0), b VARCHAR(20), c INT, CONSTRAINT \`named, ) it\` CHECK (b <> 'CHECK (') , CHECK (c IS NULL OR c > a), CONSTRAINT in_list CHECK (c IN (1, 2, 3, 99))); INSERT INTO checks VALUES (1, 1, 'x', 2), (2, NULL, NULL, NULL), (3, 98, '', 99)`,
  },
  {
    name: 'checks_broken_later',
    on: ['mysql'],
    sql: `CREATE TABLE checks_broken_later (id INT NOT NULL PRIMARY KEY, a INT, CONSTRAINT asleep CHECK (a > 100) NOT ENFORCED); INSERT INTO checks_broken_later VALUES (1, 1), (2, 200)`,
  },
  {
    name: 'comments',
    sql: `CREATE TABLE comments (id INT NOT NULL PRIMARY KEY COMMENT 'it''s "quoted" \\\\ \`x\`', b INT COMMENT ', ) COMMENT ''x'' /* */ */ -- #', c INT COMMENT '杭州\\n\\t', KEY ix (b) COMMENT 'of an index, )') COMMENT = 'DATA DIRECTORY=''/nowhere'' ), \`x\` FOREIGN KEY /*!50100 PARTITION BY */'; INSERT INTO comments VALUES (1, 2, 3)`,
  },
  {
    name: 'counter_ahead',
    quick: true,
    sql: `CREATE TABLE counter_ahead (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, v INT) AUTO_INCREMENT = 500; INSERT INTO counter_ahead VALUES (0, 0), (1, 1), (7, 7), (400, 4); ALTER TABLE counter_ahead AUTO_INCREMENT = 9007199254740995`,
  },
  {
    name: 'counter_of_second_column',
    sql: `CREATE TABLE counter_of_second_column (a INT NOT NULL, id INT NOT NULL AUTO_INCREMENT, PRIMARY KEY (a, id), KEY (id)); INSERT INTO counter_of_second_column VALUES (2, 1), (1, 2), (1, 5)`,
  },
  {
    name: 'empty_table',
    quick: true,
    sql: 'CREATE TABLE empty_table (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, v TEXT) AUTO_INCREMENT = 77',
  },
  { name: 'empty_without_key', sql: 'CREATE TABLE empty_without_key (v TEXT)' },
  {
    name: 'partitioned_range',
    quick: true,
    sql: `CREATE TABLE partitioned_range (id INT NOT NULL, y INT NOT NULL, v TEXT, PRIMARY KEY (id, y)) PARTITION BY RANGE (y) (PARTITION p0 VALUES LESS THAN (2000) COMMENT = 'old, )', PARTITION \`p 1\` VALUES LESS THAN MAXVALUE);
      INSERT INTO partitioned_range VALUES (1, 1999, 'old'), (1, 2000, 'new'), (2, 1990, NULL), (3, 2000, 'x')`,
  },
  {
    name: 'partitioned_list',
    sql: `CREATE TABLE partitioned_list (id INT NOT NULL, c VARCHAR(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL, PRIMARY KEY (id, c)) PARTITION BY LIST COLUMNS (c) (PARTITION pa VALUES IN ('a', 'it''s'), PARTITION pb VALUES IN ('b', ')')); INSERT INTO partitioned_list VALUES (1, 'a'), (2, 'b'), (3, ')')`,
  },
  {
    name: 'partitioned_hash',
    sql: `CREATE TABLE partitioned_hash (id INT NOT NULL, d DATE NOT NULL, PRIMARY KEY (id, d)) PARTITION BY RANGE (YEAR(d)) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (2000), PARTITION p1 VALUES LESS THAN (2100)); INSERT INTO partitioned_hash VALUES (1, '1999-01-01'), (2, '2024-01-01'), (3, '2000-01-01')`,
  },
  {
    name: 'partitioned_key',
    sql: `CREATE TABLE partitioned_key (id INT NOT NULL PRIMARY KEY, v INT) PARTITION BY LINEAR KEY (id) PARTITIONS 3; INSERT INTO partitioned_key VALUES (1, 1), (2, 2), (3, 3), (4, 4)`,
  },
  {
    name: 'parent',
    quick: true,
    sql: 'CREATE TABLE parent (id INT NOT NULL PRIMARY KEY); INSERT INTO parent VALUES (1)',
  },
  {
    name: 'child',
    quick: true,
    sql: `CREATE TABLE child (id INT NOT NULL PRIMARY KEY, parent_id INT, up INT, CONSTRAINT \`fk ) , (\` FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE SET NULL, FOREIGN KEY (up) REFERENCES child (id)); INSERT INTO child VALUES (1, 1, 2), (2, 999, 1), (3, NULL, NULL)`,
  },
  {
    name: 'indexes',
    sql: `CREATE TABLE indexes (id INT NOT NULL PRIMARY KEY, a VARCHAR(100), b TEXT, c INT, p POINT NOT NULL, KEY prefix (a(7), c), KEY down (c DESC, a), FULLTEXT KEY words (b), SPATIAL KEY place (p), KEY tree USING BTREE (c)); INSERT INTO indexes VALUES (1, 'a', 'some words', 1, ST_GeomFromText('POINT(1 2)')), (2, NULL, NULL, NULL, ST_GeomFromText('POINT(-1 0.1)'))`,
  },
  {
    name: 'index_not_used',
    sql: `CREATE TABLE index_not_used (id INT NOT NULL PRIMARY KEY, a INT, b INT, KEY asleep (a), UNIQUE KEY awake (b)); INSERT INTO index_not_used VALUES (1, 1, 1), (2, 2, 2)`,
  },
  {
    name: 'index_invisible',
    on: ['mysql'],
    sql: `CREATE TABLE index_invisible (id INT NOT NULL, a INT NOT NULL, PRIMARY KEY (id), UNIQUE KEY asleep (a) INVISIBLE, KEY lower_case ((id + a)), KEY other (a DESC) COMMENT 'x'); INSERT INTO index_invisible VALUES (1, 1), (2, 2)`,
  },
  {
    name: 'index_ignored',
    on: ['mariadb', 'mariadb11'],
    sql: `CREATE TABLE index_ignored (id INT NOT NULL, a INT NOT NULL, PRIMARY KEY (id), UNIQUE KEY asleep (a) IGNORED, KEY other (a)); INSERT INTO index_ignored VALUES (1, 1), (2, 2)`,
  },
  {
    name: 'unique_expression',
    on: ['mysql'],
    checksum: false,
    sql: `CREATE TABLE unique_expression (id INT NOT NULL PRIMARY KEY, j JSON, s VARCHAR(20), UNIQUE KEY u ((LOWER(s))), KEY m ((CAST(j->'$.tags' AS UNSIGNED ARRAY)))); INSERT INTO unique_expression VALUES (1, '{"tags":[1,2]}', 'A'), (2, NULL, 'b')`,
  },
  {
    name: 'unique_long_text',
    on: ['mariadb', 'mariadb11'],
    sql: `CREATE TABLE unique_long_text (id INT NOT NULL PRIMARY KEY, t TEXT, UNIQUE KEY whole (t)); INSERT INTO unique_long_text VALUES (1, REPEAT('a', 5000)), (2, REPEAT('b', 5000)), (3, NULL)`,
  },
  {
    name: 'on_update',
    sql: `CREATE TABLE on_update (id INT NOT NULL PRIMARY KEY, v INT, changed DATETIME(3) NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP(3)); INSERT INTO on_update VALUES (1, 1, '2001-01-01 00:00:00.001'), (2, 2, NULL)`,
  },
  {
    name: 'triggered',
    sql: `CREATE TABLE triggered (id INT NOT NULL PRIMARY KEY, v VARCHAR(20)); INSERT INTO triggered VALUES (1, 'a'), (2, NULL); CREATE TRIGGER triggered_up BEFORE INSERT ON triggered FOR EACH ROW SET NEW.v = 'changed'`,
  },
  {
    name: 'engine_myisam',
    sql: "CREATE TABLE engine_myisam (id INT NOT NULL PRIMARY KEY, v VARCHAR(10)) ENGINE = MyISAM CHECKSUM = 1 ROW_FORMAT = FIXED; INSERT INTO engine_myisam VALUES (1, 'a'), (2, NULL)",
  },
  {
    name: 'engine_memory',
    sql: "CREATE TABLE engine_memory (id INT NOT NULL, v VARCHAR(10), PRIMARY KEY (id) USING HASH, KEY t (v) USING BTREE) ENGINE = MEMORY; INSERT INTO engine_memory VALUES (1, 'a'), (2, NULL)",
  },
  {
    name: 'engine_archive',
    on: ['mysql'],
    checksum: false,
    sql: "CREATE TABLE engine_archive (id INT NOT NULL, v VARCHAR(10)) ENGINE = ARCHIVE; INSERT INTO engine_archive VALUES (1, 'a'), (2, NULL)",
  },
  {
    name: 'engine_csv',
    sql: "CREATE TABLE engine_csv (id INT NOT NULL, v VARCHAR(10) NOT NULL) ENGINE = CSV; INSERT INTO engine_csv VALUES (1, 'a'), (2, 'b\"c')",
  },
  {
    name: 'engine_aria',
    on: ['mariadb', 'mariadb11'],
    quick: true,
    sql: "CREATE TABLE engine_aria (id INT NOT NULL PRIMARY KEY, v VARCHAR(10)) ENGINE = Aria TRANSACTIONAL = 1 ROW_FORMAT = PAGE; INSERT INTO engine_aria VALUES (1, 'a'), (2, NULL)",
  },
  {
    name: 'row_compressed',
    sql: "CREATE TABLE row_compressed (id INT NOT NULL PRIMARY KEY, v TEXT) ENGINE = InnoDB ROW_FORMAT = COMPRESSED KEY_BLOCK_SIZE = 8; INSERT INTO row_compressed VALUES (1, REPEAT('a', 9000)), (2, NULL)",
  },
  {
    name: 'row_options',
    sql: "CREATE TABLE row_options (id INT NOT NULL PRIMARY KEY, v TEXT) ENGINE = InnoDB ROW_FORMAT = REDUNDANT STATS_PERSISTENT = 1 MAX_ROWS = 10 AVG_ROW_LENGTH = 100; INSERT INTO row_options VALUES (1, 'a')",
  },
  {
    name: 'page_compressed',
    on: ['mariadb', 'mariadb11'],
    sql: "CREATE TABLE page_compressed (id INT NOT NULL PRIMARY KEY, v TEXT) ENGINE = InnoDB PAGE_COMPRESSED = 1; INSERT INTO page_compressed VALUES (1, REPEAT('a', 9000))",
  },
  {
    name: 'column_compressed',
    on: ['mariadb', 'mariadb11'],
    sql: "CREATE TABLE column_compressed (id INT NOT NULL PRIMARY KEY, v VARCHAR(2000) COMPRESSED, b BLOB COMPRESSED) ROW_FORMAT = DYNAMIC; INSERT INTO column_compressed VALUES (1, REPEAT('a', 2000), REPEAT('b', 60000)), (2, '', NULL)",
  },
  {
    name: 'system_versioned',
    on: ['mariadb', 'mariadb11'],
    sql: 'CREATE TABLE system_versioned (id INT NOT NULL PRIMARY KEY, v INT) WITH SYSTEM VERSIONING; INSERT INTO system_versioned VALUES (1, 1); UPDATE system_versioned SET v = 2',
  },
  {
    name: 'year_of_two_digits',
    on: ['mariadb'],
    sql: 'CREATE TABLE year_of_two_digits (id INT NOT NULL PRIMARY KEY, y YEAR(2)); INSERT INTO year_of_two_digits VALUES (1, 70), (2, 69)',
  },
  {
    name: 'period',
    on: ['mariadb', 'mariadb11'],
    sql: "CREATE TABLE period (id INT NOT NULL, f DATE NOT NULL, t DATE NOT NULL, PERIOD FOR validity (f, t), PRIMARY KEY (id)); INSERT INTO period VALUES (1, '2024-01-01', '2024-02-01')",
  },
  {
    name: 'reference_system',
    on: ['mysql'],
    sql: "CREATE TABLE reference_system (id INT NOT NULL PRIMARY KEY, p POINT NOT NULL SRID 4326, g GEOMETRY SRID 0, SPATIAL KEY (p)); INSERT INTO reference_system VALUES (1, ST_GeomFromText('POINT(10 20)', 4326), NULL), (2, ST_GeomFromText('POINT(-90 180)', 4326), ST_GeomFromText('POINT(1 1)'))",
  },
  {
    name: 'all_collations_mixed',
    sql: `CREATE TABLE all_collations_mixed (id INT NOT NULL PRIMARY KEY, a VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci, b VARCHAR(10) CHARACTER SET latin1, c VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin, d CHAR(5) CHARACTER SET utf8mb3 COLLATE utf8mb3_polish_ci, e VARCHAR(10), f ENUM('ä') CHARACTER SET utf8mb4 COLLATE utf8mb4_spanish2_ci, g TEXT CHARACTER SET ucs2 COLLATE ucs2_bin) DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_spanish_ci; INSERT INTO all_collations_mixed VALUES (1, 'ä', 'ä', 'a', 'ł', 'ñ', 'ä', '中'), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
  },
  {
    name: 'croatian',
    sql: `CREATE TABLE croatian (id INT NOT NULL PRIMARY KEY, a VARCHAR(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_croatian_ci); INSERT INTO croatian VALUES (1, 'dž'), (2, 'lj'), (3, 'Nj')`,
  },
];
