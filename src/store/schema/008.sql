-- What is an account's own quota: of those that are not here, it has the service's.
CREATE TABLE quotas (
	account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	name TEXT NOT NULL,
	value BIGINT NOT NULL,
	PRIMARY KEY (account, name)
);
