-- Load balancers and their listeners.  Enumerations are kept by the numbers that statement.h pins.
CREATE TABLE balancers (
	arn TEXT NOT NULL PRIMARY KEY,
	owner TEXT NOT NULL,
	type BIGINT NOT NULL,
	name TEXT NOT NULL,
	internal BIGINT NOT NULL,
	interface TEXT NOT NULL, -- Empty: none.
	addressed BIGINT NOT NULL, -- Its address was given by its user.
	guarded BIGINT NOT NULL,
	cross_zone BIGINT NOT NULL,
	created BIGINT NOT NULL,
	UNIQUE (owner, type, name)
);
CREATE INDEX balancers_by_owner ON balancers (owner, arn);

CREATE TABLE listeners (
	arn TEXT NOT NULL PRIMARY KEY,
	balancer TEXT NOT NULL REFERENCES balancers (arn) ON DELETE CASCADE,
	owner TEXT NOT NULL,
	protocol BIGINT NOT NULL,
	port BIGINT NOT NULL, -- 0: all.
	target_group TEXT NOT NULL,
	tcp_idle BIGINT NOT NULL,
	created BIGINT NOT NULL,
	UNIQUE (balancer, port)
);
CREATE INDEX listeners_by_group ON listeners (target_group, balancer);
