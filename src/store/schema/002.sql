-- The orientation in force becomes a tag of every interface that a host reports, kept by the inventory from here on.
INSERT INTO tags (resource, key, value, owner)
SELECT id, 'tmirror:orientation',
       CASE WHEN override = 2 OR (override = 0 AND orientation = 2) THEN 'guest' ELSE 'host' END, owner
FROM interfaces WHERE host IS NOT NULL;
