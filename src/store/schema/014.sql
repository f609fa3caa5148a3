-- Sessions from their creation to their deletion: what there is to charge, whatever becomes of their sources.  A row with
-- 'hours' is the sum of hours of one source that began on one day, of sessions that are long gone ("past-2026-01-02").
CREATE TABLE lifetimes (
	owner TEXT NOT NULL,
	source TEXT NOT NULL,
	session TEXT NOT NULL,
	host TEXT NOT NULL,
	device TEXT NOT NULL,
	created BIGINT NOT NULL,
	deleted BIGINT NOT NULL DEFAULT 0, -- 0: it is there.
	hours BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (owner, source, session)
);
CREATE UNIQUE INDEX lifetimes_lasting ON lifetimes (session) WHERE deleted = 0;
CREATE INDEX lifetimes_ended ON lifetimes (owner, deleted) WHERE deleted > 0 AND hours = 0;
INSERT INTO lifetimes (owner, source, session, host, device, created)
	SELECT sessions.owner, source, sessions.id, host, device, sessions.created
	FROM sessions JOIN interfaces ON interfaces.id = source;
