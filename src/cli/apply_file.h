/* What the files of tmirror apply say, checked as far as a file can be checked by itself. */
#pragma once

#include "cli/apply_object.h"
#include "settings/yaml_tree.h"

#define SET_NAME_MAX 128

/* Where a target is, by the file's words; what stands behind it is found by apply_resolve(). */
enum locator_kind {
	LOCATOR_INTERFACE,
	LOCATOR_ADDRESS,
	LOCATOR_FLEET,
	LOCATOR_BALANCER,
	LOCATOR_ENDPOINT,
	LOCATOR_COUNT,
};
extern const char *const locator_keys[LOCATOR_COUNT];

/* Reads all documents into objects; the tree must outlive them.  '*ret_set' is borrowed from the tree.  Returns 0,
 * REFUSED with the place and what is wrong there, or -ENOMEM. */
int apply_file_read(const struct yaml_tree *tree, struct world *wishes, const char **ret_set,
		    struct refusal *why);
