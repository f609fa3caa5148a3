/* The tags of what is created, and the rules that all tags obey.  Private to control/. */
#pragma once

#include "control/control.h"

/* Refuses bad keys and values, reserved prefixes, a key given twice, and more than TAGS_MAX. */
int tagging_check(const struct tag *tags, size_t count, struct refusal *why);

/* Sets checked tags on a resource; refuses what would make more than TAGS_MAX of the user's own. */
int tagging_add(struct control *control, const struct caller *caller, const char *resource,
		const struct tag *tags, size_t count, struct refusal *why);

/* Whether the tag is the inventory's own, which users can neither set nor remove. */
bool tagging_reserved(const char *key);
