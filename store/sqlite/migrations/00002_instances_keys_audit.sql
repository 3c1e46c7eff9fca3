-- +goose Up

-- Each client's credential is used up by instance; the one of the empty name is the
-- one that there was until now.
CREATE TABLE instances (
	client     TEXT    NOT NULL REFERENCES clients (name),
	name       TEXT    NOT NULL,
	used_at    INTEGER,          -- NULL: the credential is unused
	created_at INTEGER NOT NULL,
	PRIMARY KEY (client, name)
) STRICT, WITHOUT ROWID;
INSERT INTO instances SELECT name, '', used_at, created_at FROM clients;
ALTER TABLE clients DROP COLUMN used_at;

-- Who disabled a client; until now only the configuration could.
ALTER TABLE clients ADD COLUMN disabled_by TEXT NOT NULL DEFAULT '';
UPDATE clients SET disabled_by = 'configuration' WHERE disabled = 1;
ALTER TABLE clients DROP COLUMN disabled;

ALTER TABLE sessions ADD COLUMN instance    TEXT    NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN retry_key   TEXT    NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN rotated_at  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN confirmed   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN undelivered INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN repeats     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN started_at  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN ends_at     INTEGER; -- NULL: never
UPDATE sessions SET rotated_at = issued_at, started_at = issued_at;

-- A login always ended the client's session before; should there be two all the same,
-- the newest one stays.
UPDATE sessions SET state = 'revoked', reason = 'a later login', ended_at = unixepoch()
WHERE state = 'active' AND EXISTS (
	SELECT 1 FROM sessions AS later
	WHERE later.client = sessions.client AND later.state = 'active' AND (later.issued_at, later.id) > (sessions.issued_at, sessions.id));
DROP INDEX sessions_live;
CREATE UNIQUE INDEX sessions_live ON sessions (client, instance) WHERE state = 'active';
CREATE INDEX sessions_of_client ON sessions (client);

-- Signing keys. What becomes of a key follows from its row and the clock.
CREATE TABLE keys (
	id             TEXT    NOT NULL PRIMARY KEY,
	algorithm      TEXT    NOT NULL,
	public         BLOB    NOT NULL,
	private        BLOB    NOT NULL, -- sealed
	created_at     INTEGER NOT NULL,
	active_at      INTEGER NOT NULL,
	compromised_at INTEGER
) STRICT, WITHOUT ROWID;

-- Counters of failed logins, under hashes.
CREATE TABLE counters (
	key        TEXT    NOT NULL PRIMARY KEY,
	failed     INTEGER NOT NULL,
	recent     BLOB    NOT NULL,
	until      INTEGER NOT NULL,
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX counters_over ON counters (expires_at);

-- The audit log. Each entry's hash covers the hash before it.
CREATE TABLE audit (
	position INTEGER NOT NULL PRIMARY KEY,
	at       INTEGER NOT NULL,
	action   TEXT    NOT NULL,
	outcome  TEXT    NOT NULL,
	actor    TEXT    NOT NULL,
	client   TEXT    NOT NULL,
	instance TEXT    NOT NULL,
	session  TEXT    NOT NULL,
	key      TEXT    NOT NULL,
	address  TEXT    NOT NULL,
	request  TEXT    NOT NULL,
	detail   TEXT    NOT NULL,
	hash     TEXT    NOT NULL
) STRICT;
