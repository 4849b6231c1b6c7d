-- Every statement of the SQLite store, by name. `[[ x | y ]]` is written once per row of the batch, joined by y.

-- name: epochs
-- Who owns what, read once a batch.
SELECT partition, epoch FROM partitions;

-- name: insert_heads
-- New executions; fewer changes than rows mean that one was there.
INSERT OR IGNORE INTO executions (id, partition, version, status, started_at, definition_id, definition_name, body)
VALUES [[ (?, ?, ?, ?, ?, ?, ?, ?) | , ]];

-- name: update_heads
-- Heads of commits, each guarded by the version it was made from: id, old version, new version, status, body.
UPDATE executions SET version = new.column3, status = new.column4, suspended = 0, body = new.column5
FROM (VALUES [[ (?, ?, ?, ?, ?) | , ]]) AS new
WHERE executions.id = new.column1 AND executions.version = new.column2;

-- name: insert_payloads
-- Large values, once an execution.
INSERT OR IGNORE INTO payloads (execution, digest, encoded) VALUES [[ (?, ?, ?) | , ]];

-- name: put_frames
-- Frames as they now are.
INSERT OR REPLACE INTO frames (execution, id, body) VALUES [[ (?, ?, ?) | , ]];

-- name: delete_frames
-- Frames that have gone.
DELETE FROM frames WHERE [[ (execution = ? AND id = ?) | OR ]];

-- name: put_work
-- New work.
INSERT OR REPLACE INTO work (execution, id, partition, due_at, claimed, body) VALUES [[ (?, ?, ?, ?, ?, ?) | , ]];

-- name: delete_work
-- Work that is answered or no longer wanted.
DELETE FROM work WHERE [[ (execution = ? AND id = ?) | OR ]];

-- name: insert_segments
-- The events of each commit, in commit order.
INSERT INTO segments (partition, execution, first_seq, last_seq, body) VALUES [[ (?, ?, ?, ?, ?) | , ]];

-- name: post_work
-- Work from outside; a row that is there stays as it is.
INSERT OR IGNORE INTO work (execution, id, partition, due_at, claimed, body) VALUES [[ (?, ?, ?, ?, ?, ?) | , ]];

-- name: standing
-- Where an execution belongs and stands, for the writer.
SELECT partition, version, status, suspended FROM executions WHERE id = ?;

-- name: due
-- Unclaimed work due by an instant; rows due at one instant come in the order in which they were added.
SELECT execution, body, rowid FROM work WHERE partition = ? AND claimed = 0 AND due_at <= ? ORDER BY due_at, rowid LIMIT ?;

-- name: take
-- Give rows (a JSON list of rowids) to an epoch.
UPDATE work SET claimed = ? WHERE rowid IN (SELECT value FROM json_each(?));

-- name: next_due
-- When the earliest unclaimed row falls due.
SELECT min(due_at) FROM work WHERE partition = ? AND claimed = 0;

-- name: acquire
-- The next epoch of a partition.
INSERT INTO partitions (partition, epoch) VALUES (?, 1) ON CONFLICT (partition) DO UPDATE SET epoch = epoch + 1;

-- name: epoch
-- The present epoch of a partition.
SELECT epoch FROM partitions WHERE partition = ?;

-- name: free_work
-- What earlier epochs had claimed or parked is free again.
UPDATE work SET claimed = 0 WHERE partition = ? AND claimed <> 0;

-- name: suspend
-- Park an execution: epoch, version, status, body; then its id.
UPDATE executions SET suspended = ?, version = ?, status = ?, body = ? WHERE id = ?;

-- name: park_work
-- Claim all its rows for the epoch, which no claim of the same epoch can do again.
UPDATE work SET claimed = ? WHERE execution = ?;

-- name: delete_segments
DELETE FROM segments WHERE execution = ?;

-- name: delete_execution_frames
DELETE FROM frames WHERE execution = ?;

-- name: delete_execution_work
DELETE FROM work WHERE execution = ?;

-- name: delete_payloads
DELETE FROM payloads WHERE execution = ?;

-- name: delete_execution
DELETE FROM executions WHERE id = ?;

-- name: save_cursor
-- Where a sink has got to.
INSERT OR REPLACE INTO cursors (partition, sink, position) VALUES (?, ?, ?);

-- name: pin_document
-- Keep a document under its digest for ever.
INSERT OR IGNORE INTO documents (digest, dialect, document, identity) VALUES (?, ?, ?, ?);

-- name: definition_rivals
-- Definitions that a new or changed one meets: its own earlier state and whoever has its name.
SELECT id, name, revision FROM definitions WHERE id = ?1 OR name = ?2;

-- name: put_definition
-- A definition as it now is.
INSERT OR REPLACE INTO definitions (id, name, digest, dialect, created_at, updated_at, document, revision, identity, machine)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: delete_definition
DELETE FROM definitions WHERE id = ?;

-- name: head
-- One head.
SELECT id, body FROM executions WHERE id = ?;

-- name: load
-- Head (frame 0) and frames in one statement, hence as of one commit. Frame ids begin at 1.
SELECT id, body, 0 AS frame FROM executions WHERE id = ?1
UNION ALL
SELECT execution, body, id FROM frames WHERE execution = ?1;

-- name: payloads
-- Large values by (execution, digest), given as a JSON list of pairs.
SELECT payloads.digest, payloads.encoded FROM json_each(?) AS wanted
CROSS JOIN payloads ON payloads.execution = wanted.value ->> 0 AND payloads.digest = wanted.value ->> 1;

-- name: list
-- One page of heads, newest first: statuses (JSON), definition or NULL (all but those of map runs' items), from, before, and start and id of the last one shown.
SELECT executions.id, executions.body FROM (
    SELECT id AS shown, started_at AS started FROM executions
    WHERE (started_at, id) < (?5, ?6) AND started_at >= ?3 AND started_at < ?4
        AND CASE WHEN ?2 IS NULL THEN instr(definition_id, '/') = 0 ELSE definition_id = ?2 END AND status IN (SELECT value FROM json_each(?1))
    ORDER BY started_at DESC, id DESC LIMIT ?7
) CROSS JOIN executions ON executions.id = shown
ORDER BY started DESC, shown DESC;

-- name: counts
-- Executions by status.
SELECT status, count(*) FROM executions INDEXED BY executions_newest GROUP BY status;

-- name: events
-- The commits that hold events after ?2 and up to ?3.
SELECT execution, body FROM segments WHERE execution = ?1 AND last_seq > ?2 AND first_seq <= ?3 ORDER BY last_seq;

-- name: outbox
-- The commits behind a position, in commit order.
SELECT segments.execution, segments.body, segments.position, executions.definition_id, executions.definition_name
FROM segments CROSS JOIN executions ON executions.id = segments.execution
WHERE segments.position > ?2 AND segments.partition = ?1 ORDER BY segments.position LIMIT ?3;

-- name: outbox_end
-- The latest commit of a partition.
SELECT position FROM segments WHERE partition = ? ORDER BY position DESC LIMIT 1;

-- name: cursor
SELECT position FROM cursors WHERE partition = ? AND sink = ?;

-- name: definition
-- By id, else by name.
SELECT id, name, digest, dialect, created_at, updated_at, document, revision, identity, machine FROM definitions
WHERE id = ?1 OR name = ?1 ORDER BY id <> ?1 LIMIT 1;

-- name: definitions
SELECT id, name, digest, dialect, created_at, updated_at, document, revision, identity, machine FROM definitions
ORDER BY created_at, id;

-- name: document
SELECT dialect, document, identity FROM documents WHERE digest = ?;

-- name: record
SELECT kind, key, revision, value FROM records WHERE kind = ? AND key = ?;

-- name: records
SELECT kind, key, revision, value FROM records WHERE kind = ? ORDER BY key;

-- name: put_record
INSERT OR REPLACE INTO records (kind, key, revision, value) VALUES (?, ?, ?, ?);

-- name: delete_record
DELETE FROM records WHERE kind = ? AND key = ?;
