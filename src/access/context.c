// SPDX-License-Identifier: Apache-2.0
#include "access/context.h"

#include "base/array.h"

#include <strings.h>

void access_context_fini(struct access_context *context)
{
	free(context->values);
	*context = (struct access_context){};
}

int access_context_add(struct access_context *context, const char *key, const char *value)
{
	return array_append(context, values, count, capacity, ((struct access_value){key, value}));
}

const char *access_context_get(const struct access_context *context, const char *key, size_t index)
{
	for (size_t i = 0; i < context->count; i++)
		if (!strcasecmp(context->values[i].key, key) && index-- == 0)
			return context->values[i].value;
	return NULL;
}
