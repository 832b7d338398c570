import type { SqlDatabase } from './sql-database.js';
import type { SqlLanes } from './sql-lanes.js';
import type { UnknownWords } from './unknown-words.js';

/** The same lanes; what reads rows through them reports the words that this release does not know. */
export function wordedLanes(lanes: SqlLanes, words: UnknownWords): SqlLanes {
  return {
    own: worded(lanes.own, words),
    reads: worded(lanes.reads, words),
    scans: worded(lanes.scans, words),
    close: () => lanes.close(),
  };
}

function worded(database: SqlDatabase, words: UnknownWords): SqlDatabase {
  return {
    words,
    scanRowsMax: database.scanRowsMax,
    isExclusive: database.isExclusive,
    query: (text, parameters) => database.query(text, parameters),
    script: (text) => database.script(text),
    isPooled: () => database.isPooled?.() ?? Promise.resolve(false),
    close: () => database.close(),
  };
}
