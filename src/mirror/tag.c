// SPDX-License-Identifier: Apache-2.0
#include "mirror/tag.h"

#include "base/array.h"
#include "base/cleanup.h"
#include "base/count.h"
#include "mirror/refusals.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

static const char *const reserved_prefixes[] = {"aws:", "tmirror:"};

static size_t tags_place(const struct tags *tags, const char *key, bool *ret_found);
static bool character_next(const unsigned char **text, uint32_t *ret_character);

void tags_fini(struct tags *tags)
{
	for (size_t i = 0; i < tags->count; i++) {
		free(tags->items[i].key);
		free(tags->items[i].value);
	}
	free(tags->items);
	*tags = (struct tags){};
}

int tags_set(struct tags *tags, const char *key, const char *value)
{
	_cleanup_free_ char *new_key = strdup(key), *new_value = strdup(value);
	void *items = tags->items;
	bool found;
	size_t place = tags_place(tags, key, &found);

	if (!new_key || !new_value)
		return -ENOMEM;
	if (found) {
		free(tags->items[place].value);
		tags->items[place].value = TAKE_PTR(new_value);
		return 0;
	}
	if (array_reserve(&items, tags->count, &tags->capacity, sizeof(*tags->items)) < 0)
		return -ENOMEM;
	tags->items = items;
	memmove(tags->items + place + 1, tags->items + place,
		(tags->count - place) * sizeof(*tags->items));
	tags->items[place] = (struct tag){TAKE_PTR(new_key), TAKE_PTR(new_value)};
	tags->count++;
	return 0;
}

const char *tags_get(const struct tags *tags, const char *key)
{
	bool found;
	size_t place = tags_place(tags, key, &found);

	return found ? tags->items[place].value : NULL;
}

int tag_validate(const char *key, const char *value, struct refusal *why)
{
	if (key[0] == '\0')
		return refuse(why, REFUSE_PARAMETER_VALUE, "A tag key must not be empty");
	if (!text_is_presentable(key, TAG_KEY_LENGTH_MAX))
		return refuse(
			why, REFUSE_PARAMETER_VALUE,
			"The tag key '%.128s' is longer than %d characters, or not plain text", key,
			TAG_KEY_LENGTH_MAX);
	if (!text_is_presentable(value, TAG_VALUE_LENGTH_MAX))
		return refuse(
			why, REFUSE_PARAMETER_VALUE,
			"The value of tag '%s' is longer than %d characters, or not plain text",
			key, TAG_VALUE_LENGTH_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(reserved_prefixes); i++)
		if (strncasecmp(key, reserved_prefixes[i], strlen(reserved_prefixes[i])) == 0)
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "Tag keys starting with '%s' are reserved: '%s'",
				      reserved_prefixes[i], key);
	return 0;
}

bool text_is_presentable(const char *text, size_t length_max)
{
	const unsigned char *rest = (const unsigned char *)text;
	uint32_t character;
	size_t length = 0;

	while (*rest != '\0') {
		if (!character_next(&rest, &character) || ++length > length_max)
			return false;
		if (character < 0x20 || (character >= 0x7f && character < 0xa0) ||
		    character == 0xfffe || character == 0xffff)
			return false;
	}
	return true;
}

/* The index of 'key', or where it would be inserted. */
static size_t tags_place(const struct tags *tags, const char *key, bool *ret_found)
{
	size_t low = 0, high = tags->count;

	*ret_found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(key, tags->items[middle].key);

		if (order == 0) {
			*ret_found = true;
			return middle;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Takes one character off a text that has not ended.  False unless it is well formed by RFC 3629: in its shortest form,
 * no surrogate, at most U+10FFFF. */
static bool character_next(const unsigned char **text, uint32_t *ret_character)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t smallest;
	} forms[] = {
		{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
	const unsigned char *byte = *text;
	uint32_t character;
	size_t form = 0;

	while (form < ARRAY_SIZE(forms) && (*byte & forms[form].mask) != forms[form].lead)
		form++;
	if (form == ARRAY_SIZE(forms))
		return false;
	character = *byte++ & (unsigned char)~forms[form].mask;
	for (size_t i = 0; i < form; i++, byte++) {
		if ((*byte & 0xc0) != 0x80)
			return false;
		character = character << 6 | (*byte & 0x3f);
	}
	if (character < forms[form].smallest || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return false;
	*text = byte;
	*ret_character = character;
	return true;
}
