-- Selectors: what mirrors by tag.  The columns from 'target' on are those of the sessions that they make.
CREATE TABLE selectors (
	id TEXT NOT NULL PRIMARY KEY,
	owner TEXT NOT NULL,
	target TEXT NOT NULL, -- May be gone, and so may the filter be.
	filter TEXT NOT NULL,
	number BIGINT NOT NULL,
	vni BIGINT NOT NULL,
	packet_length BIGINT NOT NULL,
	description TEXT NOT NULL,
	created BIGINT NOT NULL,
	packet_sampling BIGINT NOT NULL,
	flow_sampling BIGINT NOT NULL,
	bits_per_second BIGINT NOT NULL,
	packets_per_second BIGINT NOT NULL,
	priority BIGINT NOT NULL,
	paused BIGINT NOT NULL,
	continues BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	encapsulation BIGINT NOT NULL,
	outer_dscp BIGINT NOT NULL,
	outer_port BIGINT NOT NULL,
	outer_source TEXT NOT NULL,
	own_vnis BIGINT NOT NULL,
	ending BIGINT NOT NULL,
	swept TEXT -- The last interface that was looked at since the selector changed; null: all were.
);
CREATE INDEX selectors_by_owner ON selectors (owner, id);
CREATE INDEX selectors_by_filter ON selectors (filter);
CREATE INDEX selectors_by_target ON selectors (target);
CREATE INDEX selectors_to_sweep ON selectors (id) WHERE swept IS NOT NULL;
CREATE INDEX selectors_by_expiry ON selectors (expires) WHERE expires > 0;

CREATE TABLE selector_terms (
	selector TEXT NOT NULL REFERENCES selectors (id) ON DELETE CASCADE,
	place BIGINT NOT NULL,
	filter BIGINT NOT NULL,
	key TEXT NOT NULL,
	value TEXT, -- Null: any.
	PRIMARY KEY (selector, place)
);

-- Interfaces that changed, and that the selectors of their owner have still to look at.
CREATE TABLE selector_marks (
	owner TEXT NOT NULL,
	source TEXT NOT NULL REFERENCES interfaces (id) ON DELETE CASCADE,
	PRIMARY KEY (owner, source)
);
CREATE INDEX selector_marks_by_source ON selector_marks (source);

-- Interfaces that were selected, and why they have no session, or not the one that was meant.
CREATE TABLE selector_refusals (
	selector TEXT NOT NULL REFERENCES selectors (id) ON DELETE CASCADE,
	source TEXT NOT NULL REFERENCES interfaces (id) ON DELETE CASCADE,
	reason TEXT NOT NULL,
	since BIGINT NOT NULL,
	PRIMARY KEY (selector, source)
);
CREATE INDEX selector_refusals_by_source ON selector_refusals (source, selector);

ALTER TABLE sessions ADD COLUMN selector TEXT NOT NULL DEFAULT ''; -- Empty: made by hand.
CREATE INDEX sessions_by_selector ON sessions (selector, id) WHERE selector <> '';
