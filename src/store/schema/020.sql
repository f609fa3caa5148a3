-- Selectors are served in turns by their owners, and what an interface's selectors have to do may take several slices.
ALTER TABLE selector_marks ADD COLUMN seen TEXT NOT NULL DEFAULT ''; -- Selectors up to this one have looked.
ALTER TABLE selector_refusals ADD COLUMN owner TEXT NOT NULL DEFAULT '';
UPDATE selector_refusals SET owner = (SELECT selectors.owner FROM selectors WHERE selectors.id = selector_refusals.selector);
CREATE INDEX selector_refusals_by_owner ON selector_refusals (owner, selector, source);
DROP INDEX selectors_to_sweep;
CREATE INDEX selectors_to_sweep ON selectors (owner, id) WHERE swept IS NOT NULL;
