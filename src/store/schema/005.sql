-- How often agents had to put their program back on a device, and the last time; '' and 0: never.
ALTER TABLE hosts ADD COLUMN reattachments BIGINT NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN reattached_last BIGINT NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN reattached_device TEXT NOT NULL DEFAULT '';
ALTER TABLE hosts ADD COLUMN reattached_reason TEXT NOT NULL DEFAULT '';
