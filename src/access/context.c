// SPDX-License-Identifier: Apache-2.0
#include "access/context.h"

#include "base/array.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static bool value_is_named(const struct access_value *value, const char *key);

void access_context_fini(struct access_context *context)
{
	free(context->values);
	*context = (struct access_context){};
}

int access_context_add(struct access_context *context, const char *key, const char *value)
{
	return access_context_add_named(context, "", key, value);
}

int access_context_add_named(struct access_context *context, const char *prefix, const char *name,
			     const char *value)
{
	return array_append(context, values, count, capacity,
			    ((struct access_value){prefix, name, value}));
}

const char *access_context_get(const struct access_context *context, const char *key, size_t index)
{
	for (size_t i = 0; i < context->count; i++)
		if (value_is_named(&context->values[i], key) && index-- == 0)
			return context->values[i].value;
	return NULL;
}

static bool value_is_named(const struct access_value *value, const char *key)
{
	size_t length = strlen(value->prefix);

	return !strncasecmp(value->prefix, key, length) && !strcasecmp(value->key, key + length);
}
