/* The tags of what is created, and the rules that all tags obey.  Private to control/. */
#pragma once

#include "control/control.h"

/* Refuses bad keys and values, reserved prefixes, a key given twice, and more than TAGS_MAX. */
int tagging_check(const struct tag *tags, size_t count, struct refusal *why);

/* Sets checked tags on a resource; refuses what would make more than TAGS_MAX of the user's own. */
int tagging_add(struct control *control, const struct caller *caller, const char *resource,
		const struct tag *tags, size_t count, struct refusal *why);

/* Whether all of these are there, with these values: who asks for something once more asks for its tags, too.  Those that
 * were set later make it no other thing. */
int tagging_compare(struct control *control, const char *resource, const struct tag *tags,
		    size_t count, bool *ret_there);

/* Whether the tag is the inventory's own, which users can neither set nor remove. */
bool tagging_reserved(const char *key);
