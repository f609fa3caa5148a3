-- Keys of the console that wait for whoever has the code to them.
CREATE TABLE sign_ins (
	digest TEXT NOT NULL PRIMARY KEY, -- Of the code.
	account TEXT NOT NULL,
	access_key TEXT NOT NULL,
	token TEXT NOT NULL, -- Sealed, with the key's secret in it.
	key_expires BIGINT NOT NULL,
	expires BIGINT NOT NULL
);
CREATE INDEX sign_ins_by_account ON sign_ins (account, expires);
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires);
