-- Keys that were taken back from hosts: an agent that still signs with one is told so, which takes its secret.
CREATE TABLE revoked_keys (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL,
	host TEXT NOT NULL, -- '': any host of the account.
	secret TEXT NOT NULL, -- Sealed.
	revoked BIGINT NOT NULL
);
CREATE INDEX revoked_keys_by_account ON revoked_keys (account, revoked);
-- What the last report was signed with, and how its agent speaks.
ALTER TABLE hosts ADD COLUMN access_key TEXT NOT NULL DEFAULT '';
ALTER TABLE hosts ADD COLUMN protocol BIGINT NOT NULL DEFAULT 0;
