-- What the API was asked to change, as it is told.  Of each account, what was done and what was refused have rooms of their
-- own, in which 'place' counts up; 'number' puts everything in order and begins with the microseconds since the epoch.
CREATE TABLE events (
	number BIGINT NOT NULL PRIMARY KEY,
	account TEXT NOT NULL, -- Accounts end, and their numbers may come back; what they did is told all the same.
	refused BIGINT NOT NULL,
	place BIGINT NOT NULL,
	read_only BIGINT NOT NULL,
	id TEXT NOT NULL,
	name TEXT NOT NULL,
	source TEXT NOT NULL,
	username TEXT NOT NULL,
	access_key TEXT NOT NULL,
	resources TEXT NOT NULL, -- "TYPE NAME" in lines.
	record TEXT NOT NULL
);
CREATE UNIQUE INDEX events_by_place ON events (account, refused, place);
CREATE INDEX events_by_account ON events (account, number);
