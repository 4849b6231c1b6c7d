-- Definitions are state machines too: what AWS's API knows of them, and of whom executions say who they are.

ALTER TABLE definitions ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE definitions ADD COLUMN identity BLOB NOT NULL DEFAULT '{}';
ALTER TABLE definitions ADD COLUMN machine BLOB NOT NULL DEFAULT '{}';
ALTER TABLE documents ADD COLUMN identity BLOB NOT NULL DEFAULT '{}';

-- Small JSON values by kind and key, such as activities.
CREATE TABLE records (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    revision INTEGER NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;
