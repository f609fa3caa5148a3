-- Targets that other accounts may send to.
CREATE TABLE shares (
	target TEXT NOT NULL REFERENCES targets (id) ON DELETE CASCADE,
	account TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	owner TEXT NOT NULL, -- The target's.
	created BIGINT NOT NULL,
	PRIMARY KEY (target, account)
);
CREATE INDEX shares_by_account ON shares (account, target);
CREATE INDEX shares_by_owner ON shares (owner, target);
