-- Hosts with keys of their own, and what opens the door to a host that has none yet: its hash.
ALTER TABLE access_keys ADD COLUMN host TEXT NOT NULL DEFAULT ''; -- '': any host of the account.
ALTER TABLE access_keys ADD COLUMN expires BIGINT NOT NULL DEFAULT 0; -- 0: never.
CREATE INDEX access_keys_by_host ON access_keys (host, identity);
CREATE TABLE enrolments (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL REFERENCES accounts (id),
	digest TEXT NOT NULL,
	host TEXT NOT NULL, -- '': any.
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL
);
CREATE INDEX enrolments_by_account ON enrolments (account, id);
