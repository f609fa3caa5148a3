// SPDX-License-Identifier: Apache-2.0
#include "api/form.h"

#include "base/array.h"
#include "base/text.h"
#include "mirror/refusals.h"
#include "sigv4/uri.h"

#include <string.h>

static int append_field(struct form *form, const struct form_field *field, struct refusal *why);
static int decode_field(const char *text, size_t size, struct form_field *ret_field,
			struct refusal *why);
static int decode_component(const char *text, size_t size, char **ret_component,
			    struct refusal *why);

void form_fini(struct form *form)
{
	for (size_t i = 0; i < form->count; i++) {
		free(form->items[i].name);
		free(form->items[i].value);
	}
	free(form->items);
	*form = (struct form){};
}

int form_decode(struct form *form, const char *text, size_t size, struct refusal *why)
{
	const char *end = text + size;
	int r;

	while (text < end) {
		const char *ampersand = memchr(text, '&', (size_t)(end - text));
		size_t length = (size_t)((ampersand ? ampersand : end) - text);
		struct form_field field;

		if (length > 0) {
			r = decode_field(text, length, &field, why);
			if (r == 0)
				r = append_field(form, &field, why);
			if (r != 0)
				return r;
		}
		text += length + (ampersand != NULL);
	}
	return 0;
}

int form_add(struct form *form, const char *name, const char *value, struct refusal *why)
{
	struct form_field field = {.name = strdup(name), .value = strdup(value)};

	if (field.name && field.value)
		return append_field(form, &field, why);
	free(field.name);
	free(field.value);
	return -ENOMEM;
}

const char *form_get(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (strcmp(form->items[i].name, name) == 0)
			return form->items[i].value;
	return NULL;
}

/* Takes the field's texts over, also if it fails. */
static int append_field(struct form *form, const struct form_field *field, struct refusal *why)
{
	int r;

	if (form->count == FORM_FIELDS_MAX)
		r = refuse(why, REFUSE_QUERY_MALFORMED, "The request has more than %d parameters",
			   FORM_FIELDS_MAX);
	else
		r = array_append(form, items, count, capacity, *field);
	if (r != 0) {
		free(field->name);
		free(field->value);
	}
	return r;
}

/* A name without '=' has an empty value. */
static int decode_field(const char *text, size_t size, struct form_field *ret_field,
			struct refusal *why)
{
	const char *equals = memchr(text, '=', size);
	size_t name_size = equals ? (size_t)(equals - text) : size;
	size_t value_size = equals ? size - name_size - 1 : 0;
	_cleanup_free_ char *name = NULL, *value = NULL;
	int r;

	r = decode_component(text, name_size, &name, why);
	if (r != 0)
		return r;
	r = decode_component(equals ? equals + 1 : text, value_size, &value, why);
	if (r != 0)
		return r;
	ret_field->name = TAKE_PTR(name);
	ret_field->value = TAKE_PTR(value);
	return 0;
}

static int decode_component(const char *text, size_t size, char **ret_component,
			    struct refusal *why)
{
	_cleanup_text_ struct text decoded = {};

	if (!uri_append_decoded(&decoded, text, size))
		return refuse(why, REFUSE_QUERY_MALFORMED,
			      "The query string contains a '%%' that is not followed by two "
			      "hexadecimal digits");
	if (decoded.length > 0 && !decoded.failed && strlen(decoded.data) != decoded.length)
		return refuse(why, REFUSE_QUERY_MALFORMED,
			      "The query string contains a null character");
	*ret_component = text_steal(&decoded);
	return *ret_component ? 0 : -ENOMEM;
}
