-- What AWS's sessions and rules do not have.  The defaults are AWS's behaviour.
ALTER TABLE sessions ADD COLUMN packet_sampling BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN flow_sampling BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN bits_per_second BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN packets_per_second BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN priority BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN paused BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN continues BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN expires BIGINT NOT NULL DEFAULT 0; -- Seconds since the epoch; 0: never.
ALTER TABLE sessions ADD COLUMN encapsulation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN outer_dscp BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN outer_port BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN outer_source TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_by_expiry ON sessions (expires) WHERE expires > 0;

ALTER TABLE rules ADD COLUMN tcp_flags_mask BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rules ADD COLUMN tcp_flags_value BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rules ADD COLUMN dscp BIGINT NOT NULL DEFAULT -1; -- -1: any.
