-- How many flows each host still holds to members that are drained.
CREATE TABLE member_flows (
	host TEXT NOT NULL REFERENCES hosts (name) ON DELETE CASCADE,
	group_arn TEXT NOT NULL,
	id TEXT NOT NULL,
	port BIGINT NOT NULL,
	flows BIGINT NOT NULL,
	PRIMARY KEY (host, group_arn, id, port),
	FOREIGN KEY (group_arn, id, port) REFERENCES members (group_arn, id, port) ON DELETE CASCADE
);
CREATE INDEX member_flows_by_member ON member_flows (group_arn, id, port);
