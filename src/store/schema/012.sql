-- By which of its devices an instance is reached, for each address family.  Hosts say so with their interfaces, which they
-- are asked for once more.
ALTER TABLE interfaces ADD COLUMN primary_ipv4 BIGINT NOT NULL DEFAULT 0;
ALTER TABLE interfaces ADD COLUMN primary_ipv6 BIGINT NOT NULL DEFAULT 0;
UPDATE hosts SET inventory_wanted = 1;
