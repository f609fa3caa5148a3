// SPDX-License-Identifier: Apache-2.0
#include "mirror/source.h"

#include "base/count.h"
#include "mirror/tag.h"

#include <string.h>

static const char *const orientation_names[] = {
	[ORIENTATION_AUTOMATIC] = "automatic",
	[ORIENTATION_HOST] = "host",
	[ORIENTATION_GUEST] = "guest",
};

const char *orientation_name(enum orientation orientation)
{
	return orientation_names[orientation];
}

bool orientation_parse(const char *name, enum orientation *ret_orientation)
{
	for (size_t i = 0; i < ARRAY_SIZE(orientation_names); i++) {
		if (strcmp(orientation_names[i], name) != 0)
			continue;
		*ret_orientation = (enum orientation)i;
		return true;
	}
	return false;
}

bool host_name_valid(const char *name)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-._";
	size_t length = strspn(name, characters);

	return length > 0 && length < HOST_NAME_SIZE && name[length] == '\0' &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* The kernel's own rules are those of dev_valid_name(). */
bool device_name_valid(const char *name)
{
	return name[0] != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       strlen(name) < DEVICE_NAME_SIZE && !strpbrk(name, "/: ") &&
	       text_is_presentable(name, DEVICE_NAME_SIZE);
}

enum orientation source_orientation(const struct source *source)
{
	return source->override != ORIENTATION_AUTOMATIC ? source->override : source->orientation;
}

const struct address *source_get_address(const struct source *source, uint8_t family)
{
	for (size_t i = 0; i < source->address_count; i++)
		if (source->addresses[i].family == family)
			return &source->addresses[i];
	return NULL;
}
