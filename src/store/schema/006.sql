-- Several accounts, and who in them may do what.  So far every key of a user could do everything in the one account: its user
-- keeps that by a policy.
CREATE TABLE accounts (
	id TEXT NOT NULL PRIMARY KEY,
	name TEXT NOT NULL,
	created BIGINT NOT NULL
);
INSERT INTO accounts (id, name, created)
SELECT value, 'main', 0 FROM settings WHERE name = 'account' UNION SELECT account, 'main', 0 FROM credentials;

-- Users, roles, and the hosts that have keys.
CREATE TABLE identities (
	id TEXT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL REFERENCES accounts (id),
	kind BIGINT NOT NULL,
	folded_name TEXT NOT NULL, -- In lower case: names are compared without.
	name TEXT NOT NULL,
	path TEXT NOT NULL,
	created BIGINT NOT NULL,
	description TEXT NOT NULL,
	session_seconds_max BIGINT NOT NULL,
	trust TEXT, -- Of roles.
	UNIQUE (account, kind, folded_name)
);
INSERT INTO identities (id, account, kind, folded_name, name, path, created, description, session_seconds_max)
SELECT MIN(user_id), account, CASE kind WHEN 0 THEN 0 ELSE 2 END, LOWER(SUBSTR(principal, 32)), MIN(SUBSTR(principal, 32)),
       '/', MIN(created), '', 0
FROM credentials GROUP BY account, kind, LOWER(SUBSTR(principal, 32)); -- 'arn:aws:iam::123456789012:user/' has 31 letters.

CREATE TABLE policies (
	identity TEXT NOT NULL REFERENCES identities (id) ON DELETE CASCADE,
	name TEXT NOT NULL,
	document TEXT NOT NULL,
	PRIMARY KEY (identity, name)
);
INSERT INTO policies (identity, name, document)
SELECT id, 'AdministratorAccess',
       '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
FROM identities WHERE kind = 0;

-- A secret is sealed with a key outside of the store, or still to be: those that were here before are at the next start.
CREATE TABLE access_keys (
	id TEXT NOT NULL PRIMARY KEY,
	identity TEXT NOT NULL REFERENCES identities (id),
	secret TEXT NOT NULL,
	sealed BIGINT NOT NULL,
	enabled BIGINT NOT NULL,
	created BIGINT NOT NULL,
	last_used BIGINT NOT NULL, -- 0: never.
	last_service TEXT NOT NULL,
	last_region TEXT NOT NULL
);
CREATE INDEX access_keys_by_identity ON access_keys (identity, id);
INSERT INTO access_keys (id, identity, secret, sealed, enabled, created, last_used, last_service, last_region)
SELECT credentials.id, identities.id, secret, 0, enabled, credentials.created, 0, '', ''
FROM credentials, identities
WHERE identities.account = credentials.account AND folded_name = LOWER(SUBSTR(principal, 32))
      AND identities.kind = CASE credentials.kind WHEN 0 THEN 0 ELSE 2 END;
DROP TABLE credentials;
