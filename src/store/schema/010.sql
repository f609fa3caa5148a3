-- Target groups.  Enumerations are kept by the numbers that group.c pins.
CREATE TABLE target_groups (
	arn TEXT NOT NULL PRIMARY KEY,
	owner TEXT NOT NULL,
	name TEXT NOT NULL,
	protocol BIGINT NOT NULL,
	type BIGINT NOT NULL,
	port BIGINT NOT NULL,
	family BIGINT NOT NULL,
	check_protocol BIGINT NOT NULL,
	check_port BIGINT NOT NULL, -- 0: the member's own.
	check_path TEXT NOT NULL,
	check_codes TEXT NOT NULL,
	check_interval BIGINT NOT NULL,
	check_timeout BIGINT NOT NULL,
	healthy_threshold BIGINT NOT NULL,
	unhealthy_threshold BIGINT NOT NULL,
	created BIGINT NOT NULL,
	UNIQUE (owner, name)
);
CREATE INDEX target_groups_by_owner ON target_groups (owner, arn);

-- Those that were set; the others have their defaults.
CREATE TABLE group_attributes (
	group_arn TEXT NOT NULL REFERENCES target_groups (arn) ON DELETE CASCADE,
	key TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (group_arn, key)
);

CREATE TABLE members (
	group_arn TEXT NOT NULL REFERENCES target_groups (arn) ON DELETE CASCADE,
	id TEXT NOT NULL,
	port BIGINT NOT NULL,
	weight BIGINT NOT NULL,
	any_zone BIGINT NOT NULL,
	registered BIGINT NOT NULL,
	drained BIGINT, -- When its deregistration is through; null while it is registered.
	PRIMARY KEY (group_arn, id, port)
);
CREATE INDEX members_by_id ON members (id);
CREATE INDEX members_by_drained ON members (drained);

-- What each host found out about the members that it sends to, and about its flows there.
CREATE TABLE member_health (
	host TEXT NOT NULL REFERENCES hosts (name) ON DELETE CASCADE,
	group_arn TEXT NOT NULL,
	id TEXT NOT NULL,
	port BIGINT NOT NULL,
	state BIGINT NOT NULL,
	reason BIGINT NOT NULL,
	PRIMARY KEY (host, group_arn, id, port),
	FOREIGN KEY (group_arn, id, port) REFERENCES members (group_arn, id, port) ON DELETE CASCADE
);
CREATE INDEX member_health_by_member ON member_health (group_arn, id, port);

CREATE TABLE group_flows (
	host TEXT NOT NULL REFERENCES hosts (name) ON DELETE CASCADE,
	group_arn TEXT NOT NULL REFERENCES target_groups (arn) ON DELETE CASCADE,
	flows BIGINT NOT NULL,
	moved BIGINT NOT NULL,
	evicted BIGINT NOT NULL,
	PRIMARY KEY (host, group_arn)
);
CREATE INDEX group_flows_by_group ON group_flows (group_arn);
