// SPDX-License-Identifier: Apache-2.0
#include "api/json_request.h"

#include "api/action.h"
#include "api/form.h"
#include "base/text.h"
#include "mirror/refusals.h"
#include "net/http_server.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#define DEPTH_MAX 4

static int add_value(struct form *form, const char *name, const json_t *value, unsigned int depth,
		     struct refusal *why);
static int add_members(struct form *form, const char *name, const json_t *value, unsigned int depth,
		       struct refusal *why);
static int add_elements(struct form *form, const char *name, const json_t *value,
			unsigned int depth, struct refusal *why);
static int add_scalar(struct form *form, const char *name, const json_t *value,
		      struct refusal *why);

const struct service *json_request_find(const struct http_request *request, const char **ret_action)
{
	const char *target = http_request_get_header(request, "x-amz-target");
	const char *dot = target ? strrchr(target, '.') : NULL;

	if (!dot)
		return NULL;
	*ret_action = dot + 1;
	return service_find_target(target, (size_t)(dot - target));
}

/* A body of nothing asks for nothing in particular. */
int json_request_decode(const struct http_request *request, struct form *form, struct refusal *why)
{
	json_error_t error;
	json_t *value;
	int r;

	if (request->body_size == 0)
		return 0;
	value = json_loadb(request->body, request->body_size, JSON_REJECT_DUPLICATES, &error);
	if (!value)
		return refuse(why, REFUSE_QUERY_MALFORMED, "The body is no JSON: %.100s",
			      error.text);
	if (json_is_object(value))
		r = add_members(form, "", value, 0, why);
	else
		r = refuse(why, REFUSE_QUERY_MALFORMED, "The body is no JSON object");
	json_decref(value);
	return r;
}

static int add_value(struct form *form, const char *name, const json_t *value, unsigned int depth,
		     struct refusal *why)
{
	if (depth > DEPTH_MAX)
		return refuse(why, REFUSE_QUERY_MALFORMED, "The body is nested too deeply");
	if (json_is_object(value))
		return add_members(form, name, value, depth, why);
	if (json_is_array(value))
		return add_elements(form, name, value, depth, why);
	return add_scalar(form, name, value, why);
}

static int add_members(struct form *form, const char *name, const json_t *value, unsigned int depth,
		       struct refusal *why)
{
	const char *key;
	json_t *member;
	int r;

	json_object_foreach ((json_t *)(uintptr_t)value, key, member) {
		_cleanup_text_ struct text inner = {};

		text_printf(&inner, "%s%s%s", name, *name ? "." : "", key);
		if (inner.failed)
			return -ENOMEM;
		r = add_value(form, inner.data, member, depth + 1, why);
		if (r != 0)
			return r;
	}
	return 0;
}

static int add_elements(struct form *form, const char *name, const json_t *value,
			unsigned int depth, struct refusal *why)
{
	json_t *element;
	size_t i;
	int r;

	json_array_foreach (value, i, element) {
		_cleanup_text_ struct text inner = {};

		text_printf(&inner, "%s.member.%zu", name, i + 1);
		if (inner.failed)
			return -ENOMEM;
		r = add_value(form, inner.data, element, depth + 1, why);
		if (r != 0)
			return r;
	}
	return 0;
}

/* A member that is null is as good as none. */
static int add_scalar(struct form *form, const char *name, const json_t *value, struct refusal *why)
{
	_cleanup_text_ struct text text = {};

	if (json_is_null(value))
		return 0;
	if (json_is_string(value))
		text_append(&text, json_string_value(value));
	else if (json_is_integer(value))
		text_printf(&text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_real(value))
		text_printf(&text, "%.3f", json_real_value(value));
	else
		text_append(&text, json_is_true(value) ? "true" : "false");
	return text.failed ? -ENOMEM : form_add(form, name, text.data, why);
}
