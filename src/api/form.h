/* What arrives in a query string or a form's body: names and values, decoded. */
#pragma once

#include "base/cleanup.h"

#include <stddef.h>

struct refusal;

#define FORM_FIELDS_MAX 8192

struct form_field {
	char *name, *value;
};

/* In the order of arrival. */
struct form {
	struct form_field *items;
	size_t count, capacity;
};

void form_fini(struct form *form);
#define _cleanup_form_ _cleanup_(form_fini)

/* Appends the fields of "a=b&c=d".  Returns 0, REFUSED (broken escapes, a NUL within, too many fields), or -ENOMEM. */
int form_decode(struct form *form, const char *text, size_t size, struct refusal *why);

/* Appends one field.  Returns 0, REFUSED (too many) or -ENOMEM. */
int form_add(struct form *form, const char *name, const char *value, struct refusal *why);

/* The first value of that name, or NULL. */
const char *form_get(const struct form *form, const char *name);
