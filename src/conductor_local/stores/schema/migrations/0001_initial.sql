-- The first schema. Bodies are JSON text as stores/codec.py writes it; instants are microseconds since 1970, UTC.

-- One row an owner: the latest epoch given out for a partition.
CREATE TABLE partitions (
    partition INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL
);

-- Heads. The columns repeat what is compared; `suspended` is the epoch that parked the execution, else 0.
CREATE TABLE executions (
    id TEXT PRIMARY KEY,
    partition INTEGER NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    definition_id TEXT NOT NULL,
    definition_name TEXT NOT NULL,
    suspended INTEGER NOT NULL DEFAULT 0,
    body BLOB NOT NULL
) WITHOUT ROWID;

-- Listings filter and count on this index alone and touch the table only for the heads they show.
CREATE INDEX executions_newest ON executions (started_at, id, status, definition_id);

CREATE TABLE frames (
    execution TEXT NOT NULL,
    id INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (execution, id)
) WITHOUT ROWID;

-- What is still owed. `claimed` is the epoch that has the row, 0 while it waits for one.
CREATE TABLE work (
    execution TEXT NOT NULL,
    id TEXT NOT NULL,
    partition INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    claimed INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (execution, id)
);

-- Only unclaimed rows: work that is born claimed, which is most of it, never enters this index.
CREATE INDEX work_unclaimed ON work (partition, due_at) WHERE claimed = 0;

-- The event log: one row a commit. `position` is the outbox cursor: commit order, because there is one writer, and never given
-- out twice, because of AUTOINCREMENT.
CREATE TABLE segments (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    partition INTEGER NOT NULL,
    execution TEXT NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    body BLOB NOT NULL
);

CREATE INDEX segments_by_execution ON segments (execution, last_seq);

-- JSON values too large to lie in the rows that use them.
CREATE TABLE payloads (
    execution TEXT NOT NULL,
    digest TEXT NOT NULL,
    encoded BLOB NOT NULL,
    UNIQUE (execution, digest)
);

-- Documents that executions are pinned to; never deleted.
CREATE TABLE documents (
    digest TEXT PRIMARY KEY,
    dialect TEXT NOT NULL,
    document BLOB NOT NULL
);

CREATE TABLE definitions (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    digest TEXT NOT NULL,
    dialect TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    document BLOB NOT NULL
);

-- How far each sink has read the outbox.
CREATE TABLE cursors (
    partition INTEGER NOT NULL,
    sink TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (partition, sink)
) WITHOUT ROWID;
