-- What was lost in a period is one row, however many reasons it had: "DIRECTION REASON PACKETS BYTES;" for each, in any order, also
-- several for one reason, which are summed.
ALTER TABLE history_losses RENAME TO history_losses_apart;
CREATE TABLE history_losses (
	session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
	resolution BIGINT NOT NULL,
	place BIGINT NOT NULL,
	began BIGINT NOT NULL,
	losses TEXT NOT NULL,
	PRIMARY KEY (session, resolution, place)
);
INSERT INTO history_losses (session, resolution, place, began, losses)
	SELECT session, resolution, place, began,
		GROUP_CONCAT(direction || ' ' || reason || ' ' || packets || ' ' || bytes || ';', '')
	FROM history_losses_apart AS apart
	WHERE began = (SELECT MAX(began) FROM history_losses_apart WHERE session = apart.session
		AND resolution = apart.resolution AND place = apart.place)
	GROUP BY session, resolution, place, began;
DROP TABLE history_losses_apart;
