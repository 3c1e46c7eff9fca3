-- +goose Up

-- Texts compare byte for byte (the BINARY collation); times are whole seconds
-- since 1970, by unixepoch().
CREATE TABLE clients (
	name          TEXT    NOT NULL PRIMARY KEY CHECK (name <> ''),
	password_hash TEXT    NOT NULL, -- PHC string; '': no password is right
	config_hash   TEXT    NOT NULL,
	disabled      INTEGER NOT NULL CHECK (disabled IN (0, 1)),
	used_at       INTEGER,          -- NULL: the credential is unused
	created_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row a session. Its newest refresh token is a function of the row, so no
-- token is stored.
CREATE TABLE sessions (
	id         TEXT    NOT NULL PRIMARY KEY,
	client     TEXT    NOT NULL REFERENCES clients (name),
	state      TEXT    NOT NULL CHECK (state IN ('active', 'blocked', 'revoked')),
	generation INTEGER NOT NULL CHECK (generation >= 1),
	issued_at  INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	key_id     TEXT    NOT NULL,
	reason     TEXT    NOT NULL,
	ended_at   INTEGER,
	CHECK ((state = 'active') = (ended_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_live ON sessions (client) WHERE state = 'active';

-- The feed of ended sessions. AUTOINCREMENT: a position is never given twice.
CREATE TABLE ended (
	position INTEGER PRIMARY KEY AUTOINCREMENT,
	session  TEXT    NOT NULL,
	ended_at INTEGER NOT NULL
) STRICT;
