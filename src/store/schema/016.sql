-- What was counted in each second, minute and hour, as hosts report it.  Each resolution is a ring: a time takes the place of the
-- one a whole turn ago, so that a session's rows are bounded without anybody clearing up.  'began' is in seconds since the epoch.
CREATE TABLE history (
	session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
	resolution BIGINT NOT NULL,
	place BIGINT NOT NULL,
	began BIGINT NOT NULL,
	in_accepted_packets BIGINT NOT NULL,
	in_accepted_bytes BIGINT NOT NULL,
	in_shipped_packets BIGINT NOT NULL,
	in_shipped_bytes BIGINT NOT NULL,
	out_accepted_packets BIGINT NOT NULL,
	out_accepted_bytes BIGINT NOT NULL,
	out_shipped_packets BIGINT NOT NULL,
	out_shipped_bytes BIGINT NOT NULL,
	PRIMARY KEY (session, resolution, place)
);

-- The same for each reason of loss; most sessions have none.
CREATE TABLE history_losses (
	session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
	resolution BIGINT NOT NULL,
	place BIGINT NOT NULL,
	direction BIGINT NOT NULL,
	reason BIGINT NOT NULL,
	began BIGINT NOT NULL,
	packets BIGINT NOT NULL,
	bytes BIGINT NOT NULL,
	PRIMARY KEY (session, resolution, place, direction, reason)
);

-- How far seconds have become minutes and hours; one row.
CREATE TABLE history_folds (
	number BIGINT PRIMARY KEY,
	began BIGINT NOT NULL,
	ended BIGINT NOT NULL,
	session TEXT NOT NULL
);
