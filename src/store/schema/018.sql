-- For stores that several controllers share (store/change.h): commits by number, and for each host the one in which its plan
-- got another revision.
CREATE TABLE changes (
	number BIGINT NOT NULL PRIMARY KEY,
	token BIGINT NOT NULL
);
ALTER TABLE hosts ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX hosts_by_changed ON hosts (changed);
