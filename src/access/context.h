/* What is known of a request when policies are asked: condition keys and their values.
 *
 * A key may have several values ("aws:TagKeys") or none.  Names are compared without case, as IAM does.  Borrows
 * the strings it is given. */
#pragma once

#include "base/cleanup.h"

#include <stddef.h>

struct access_value {
	const char *prefix, *key, *value; /* The name is 'prefix' and 'key' together. */
};

struct access_context {
	struct access_value *values;
	size_t count, capacity;
};

void access_context_fini(struct access_context *context);
#define _cleanup_access_context_ _cleanup_(access_context_fini)

/* Both return 0 or -ENOMEM. */
int access_context_add(struct access_context *context, const char *key, const char *value);
/* For keys that end in a name of the user's: "aws:ResourceTag/" and a tag's key. */
int access_context_add_named(struct access_context *context, const char *prefix, const char *name,
			     const char *value);

/* The key's value number 'index', or NULL when there are fewer. */
const char *access_context_get(const struct access_context *context, const char *key, size_t index);
