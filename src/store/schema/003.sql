-- Hosts send their interfaces when those change; a host of which one was deleted here has to send them again.
ALTER TABLE hosts ADD COLUMN inventory_wanted BIGINT NOT NULL DEFAULT 0;
