// SPDX-License-Identifier: Apache-2.0
#include "control/tagging.h"

#include "control/state.h"
#include "store/tag.h"

#include <string.h>

static int limit_check(const struct tags *tags, const char *resource, struct refusal *why);

int tagging_check(const struct tag *tags, size_t count, struct refusal *why)
{
	int r = 0;

	if (count > TAGS_MAX)
		return refuse(why, REFUSE_TAG_LIMIT, "%zu tags are more than the possible %d",
			      count, TAGS_MAX);
	for (size_t i = 0; r == 0 && i < count; i++) {
		r = tag_validate(tags[i].key, tags[i].value, why);
		for (size_t j = 0; r == 0 && j < i; j++)
			if (strcmp(tags[i].key, tags[j].key) == 0)
				r = refuse(why, REFUSE_TAG_KEY_TWICE,
					   "The tag key '%s' is given twice", tags[i].key);
	}
	return r;
}

int tagging_add(struct control *control, const struct caller *caller, const char *resource,
		const struct tag *tags, size_t count, struct refusal *why)
{
	_cleanup_(tags_fini) struct tags all = {};
	int r;

	r = store_load_tags(control->store, resource, &all);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = tags_set(&all, tags[i].key, tags[i].value);
	if (r == 0)
		r = limit_check(&all, resource, why);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = store_put_tag(control->store, caller->account.text, resource, tags[i].key,
				  tags[i].value);
	return r;
}

int tagging_compare(struct control *control, const char *resource, const struct tag *tags,
		    size_t count, bool *ret_there)
{
	_cleanup_(tags_fini) struct tags all = {};
	bool there = true;
	int r;

	r = store_load_tags(control->store, resource, &all);
	if (r != 0)
		return r;
	for (size_t i = 0; there && i < count; i++) {
		const char *value = tags_get(&all, tags[i].key);

		there = value && strcmp(value, tags[i].value) == 0;
	}
	*ret_there = there;
	return 0;
}

bool tagging_reserved(const char *key)
{
	return strncmp(key, "tmirror:", strlen("tmirror:")) == 0;
}

static int limit_check(const struct tags *tags, const char *resource, struct refusal *why)
{
	size_t own = 0;

	for (size_t i = 0; i < tags->count; i++)
		own += !tagging_reserved(tags->items[i].key);
	if (own <= TAGS_MAX)
		return 0;
	return refuse(why, REFUSE_TAG_LIMIT, "'%s' would have %zu tags; %d are possible", resource,
		      own, TAGS_MAX);
}
