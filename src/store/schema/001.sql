-- The first schema.  Portable: SQLite and PostgreSQL read it alike.
--
-- Times are milliseconds since the epoch.  Enumerations are kept by the numbers that statement.h pins.  Texts that may be
-- absent are null only where a unique index must not see them; elsewhere they are empty.

CREATE TABLE settings (
	name TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
);

CREATE TABLE credentials (
	id TEXT NOT NULL PRIMARY KEY,
	secret TEXT NOT NULL,
	account TEXT NOT NULL,
	principal TEXT NOT NULL,
	user_id TEXT NOT NULL,
	kind BIGINT NOT NULL,
	enabled BIGINT NOT NULL,
	created BIGINT NOT NULL
);

CREATE TABLE tokens (
	account TEXT NOT NULL,
	action TEXT NOT NULL,
	token TEXT NOT NULL,
	request_hash TEXT NOT NULL,
	resource TEXT NOT NULL,
	created BIGINT NOT NULL,
	PRIMARY KEY (account, action, token)
);
CREATE INDEX tokens_by_created ON tokens (created);

CREATE TABLE hosts (
	name TEXT NOT NULL PRIMARY KEY,
	owner TEXT NOT NULL,
	instance TEXT NOT NULL,
	agent_version TEXT NOT NULL,
	kernel TEXT NOT NULL,
	first_report BIGINT NOT NULL,
	last_report BIGINT NOT NULL,
	plan_revision BIGINT NOT NULL,
	applied_revision BIGINT NOT NULL
);

-- A host, or a guest of one, which then is known by its device there.
CREATE TABLE instances (
	id TEXT NOT NULL PRIMARY KEY,
	owner TEXT NOT NULL,
	host TEXT NOT NULL REFERENCES hosts (name),
	device TEXT NOT NULL,
	created BIGINT NOT NULL,
	UNIQUE (host, device)
);
CREATE INDEX instances_by_owner ON instances (owner, id);

-- Registered by address: host, device and instance are null.
CREATE TABLE interfaces (
	id TEXT NOT NULL PRIMARY KEY,
	owner TEXT NOT NULL,
	subnet TEXT NOT NULL,
	vpc TEXT NOT NULL,
	instance TEXT REFERENCES instances (id),
	host TEXT REFERENCES hosts (name),
	device TEXT,
	mac TEXT NOT NULL,
	mtu BIGINT NOT NULL,
	attached BIGINT NOT NULL,
	orientation BIGINT NOT NULL,
	override BIGINT NOT NULL,
	addresses TEXT NOT NULL, -- Separated by blanks, the primary one first.
	description TEXT NOT NULL,
	created BIGINT NOT NULL,
	attached_since BIGINT NOT NULL,
	UNIQUE (host, device)
);
CREATE INDEX interfaces_by_owner ON interfaces (owner, id);
CREATE INDEX interfaces_by_instance ON interfaces (instance);

-- One registered interface per address.
CREATE TABLE registered_addresses (
	owner TEXT NOT NULL,
	address TEXT NOT NULL,
	interface TEXT NOT NULL REFERENCES interfaces (id) ON DELETE CASCADE,
	PRIMARY KEY (owner, address)
);
CREATE INDEX registered_addresses_by_interface ON registered_addresses (interface);

CREATE TABLE filters (
	id TEXT NOT NULL PRIMARY KEY,
	owner TEXT NOT NULL,
	services BIGINT NOT NULL,
	description TEXT NOT NULL,
	created BIGINT NOT NULL
);
CREATE INDEX filters_by_owner ON filters (owner, id);

CREATE TABLE rules (
	id TEXT NOT NULL PRIMARY KEY,
	filter TEXT NOT NULL REFERENCES filters (id) ON DELETE CASCADE,
	direction BIGINT NOT NULL,
	number BIGINT NOT NULL,
	action BIGINT NOT NULL,
	protocol BIGINT NOT NULL, -- -1: any.
	source TEXT NOT NULL,
	destination TEXT NOT NULL,
	source_from BIGINT NOT NULL, -- -1: no range.
	source_to BIGINT NOT NULL,
	destination_from BIGINT NOT NULL,
	destination_to BIGINT NOT NULL,
	description TEXT NOT NULL,
	UNIQUE (filter, direction, number)
);

-- What the locator names may be gone.
CREATE TABLE targets (
	id TEXT NOT NULL PRIMARY KEY,
	owner TEXT NOT NULL,
	type BIGINT NOT NULL,
	locator TEXT NOT NULL,
	description TEXT NOT NULL,
	created BIGINT NOT NULL,
	UNIQUE (type, locator)
);
CREATE INDEX targets_by_owner ON targets (owner, id);

CREATE TABLE sessions (
	id TEXT NOT NULL PRIMARY KEY,
	owner TEXT NOT NULL,
	source TEXT NOT NULL REFERENCES interfaces (id),
	target TEXT NOT NULL REFERENCES targets (id),
	filter TEXT NOT NULL REFERENCES filters (id),
	number BIGINT NOT NULL,
	vni BIGINT NOT NULL,
	packet_length BIGINT NOT NULL, -- 0: whole packets.
	description TEXT NOT NULL,
	created BIGINT NOT NULL,
	UNIQUE (source, number)
);
CREATE INDEX sessions_by_owner ON sessions (owner, id);
CREATE INDEX sessions_by_vni ON sessions (owner, vni);
CREATE INDEX sessions_by_target ON sessions (target);
CREATE INDEX sessions_by_filter ON sessions (filter);

-- What the agent says of a session.
CREATE TABLE session_reports (
	session TEXT NOT NULL PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
	active BIGINT NOT NULL,
	reason TEXT NOT NULL
);

-- Absolute values; 'counter' is accepted, shipped, truncated, then the reasons for loss.  Zeros are not kept.
CREATE TABLE counters (
	session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
	epoch BIGINT NOT NULL,
	direction BIGINT NOT NULL,
	counter BIGINT NOT NULL,
	packets BIGINT NOT NULL,
	bytes BIGINT NOT NULL,
	PRIMARY KEY (session, epoch, direction, counter)
);

CREATE TABLE tags (
	resource TEXT NOT NULL,
	key TEXT NOT NULL,
	value TEXT NOT NULL,
	owner TEXT NOT NULL,
	PRIMARY KEY (resource, key)
);
CREATE INDEX tags_by_owner ON tags (owner, resource, key);
