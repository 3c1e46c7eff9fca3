-- +goose Up

-- Texts compare byte for byte (COLLATE "C"); times are whole seconds since 1970.
CREATE TABLE clients (
	name          TEXT   COLLATE "C" NOT NULL PRIMARY KEY CHECK (name <> ''),
	password_hash TEXT   COLLATE "C" NOT NULL, -- PHC string; '': no password is right
	config_hash   TEXT   COLLATE "C" NOT NULL,
	disabled_by   TEXT   COLLATE "C" NOT NULL,
	created_at    BIGINT NOT NULL
);

CREATE TABLE instances (
	client     TEXT   COLLATE "C" NOT NULL REFERENCES clients (name),
	name       TEXT   COLLATE "C" NOT NULL,
	used_at    BIGINT,                        -- NULL: the credential is unused
	created_at BIGINT NOT NULL,
	PRIMARY KEY (client, name)
);

-- One row a session. Its newest refresh token is a function of the row, so no token
-- is stored.
CREATE TABLE sessions (
	id          TEXT    COLLATE "C" NOT NULL PRIMARY KEY,
	client      TEXT    COLLATE "C" NOT NULL REFERENCES clients (name),
	instance    TEXT    COLLATE "C" NOT NULL,
	state       TEXT    COLLATE "C" NOT NULL CHECK (state IN ('active', 'blocked', 'revoked')),
	generation  BIGINT  NOT NULL CHECK (generation >= 1),
	issued_at   BIGINT  NOT NULL,
	expires_at  BIGINT  NOT NULL,
	key_id      TEXT    COLLATE "C" NOT NULL,
	retry_key   TEXT    COLLATE "C" NOT NULL,
	rotated_at  BIGINT  NOT NULL,
	confirmed   BIGINT  NOT NULL,
	undelivered INTEGER NOT NULL,
	repeats     INTEGER NOT NULL,
	started_at  BIGINT  NOT NULL,
	ends_at     BIGINT,                        -- NULL: never
	ended_at    BIGINT,
	reason      TEXT    COLLATE "C" NOT NULL,
	CHECK ((state = 'active') = (ended_at IS NULL))
) WITH (fillfactor = 70); -- a refresh changes the row in its page
CREATE UNIQUE INDEX sessions_live ON sessions (client, instance) WHERE state = 'active';
CREATE INDEX sessions_of_client ON sessions (client);

-- The feed of ended sessions. Whoever follows it is woken.
CREATE TABLE ended (
	position BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	session  TEXT   COLLATE "C" NOT NULL,
	ended_at BIGINT NOT NULL
);
-- +goose StatementBegin
CREATE FUNCTION mlapi_tell_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_notify('mlapi_ended', '');
	RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER tell_ended AFTER INSERT ON ended FOR EACH STATEMENT EXECUTE FUNCTION mlapi_tell_ended();

-- Signing keys. What becomes of a key follows from its row and the clock.
CREATE TABLE keys (
	id             TEXT   COLLATE "C" NOT NULL PRIMARY KEY,
	algorithm      TEXT   NOT NULL,
	public         BYTEA  NOT NULL,
	private        BYTEA  NOT NULL,            -- sealed
	created_at     BIGINT NOT NULL,
	active_at      BIGINT NOT NULL,
	compromised_at BIGINT
);

-- Counters of failed logins, under hashes.
CREATE TABLE counters (
	key        TEXT    COLLATE "C" NOT NULL PRIMARY KEY,
	failed     INTEGER NOT NULL,
	recent     BYTEA   NOT NULL,
	until      BIGINT  NOT NULL,
	expires_at BIGINT  NOT NULL
);
CREATE INDEX counters_over ON counters (expires_at);

-- The audit log. Each entry's hash covers the hash before it.
CREATE TABLE audit (
	position BIGINT NOT NULL PRIMARY KEY,
	at       BIGINT NOT NULL,
	action   TEXT   NOT NULL,
	outcome  TEXT   NOT NULL,
	actor    TEXT   NOT NULL,
	client   TEXT   NOT NULL,
	instance TEXT   NOT NULL,
	session  TEXT   NOT NULL,
	key      TEXT   NOT NULL,
	address  TEXT   NOT NULL,
	request  TEXT   NOT NULL,
	detail   TEXT   NOT NULL,
	hash     TEXT   NOT NULL
);
