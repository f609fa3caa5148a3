/* Tags: key and value, up to fifty on a resource. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct refusal;

#define TAGS_MAX             50
#define TAG_KEY_LENGTH_MAX   128 /* Characters, not bytes. */
#define TAG_VALUE_LENGTH_MAX 256 /* Characters, not bytes. */

struct tag {
	char *key;
	char *value;
};

/* Sorted by key, each key once. */
struct tags {
	struct tag *items;
	size_t count, capacity;
};

void tags_fini(struct tags *tags);

/* Sets or overwrites one tag; copies both strings.  Returns 0 or -ENOMEM. */
int tags_set(struct tags *tags, const char *key, const char *value);

/* NULL when the key is absent; borrowed. */
const char *tags_get(const struct tags *tags, const char *key);

/* Checks what a user may set: lengths, UTF-8 without control characters, no reserved prefix ("aws:", and
 * "tmirror:", which is the inventory's own).  Returns 0 or REFUSED. */
int tag_validate(const char *key, const char *value, struct refusal *why);

/* True for well-formed UTF-8 of at most 'length_max' characters without control characters (XML 1.0 could not
 * carry them). */
bool text_is_presentable(const char *text, size_t length_max);
