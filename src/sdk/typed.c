// SPDX-License-Identifier: Apache-2.0
/* From a structure to parameters, and from a tree to a structure, both along a shape.
 *
 * An output begins with a header that its owner does not see.  Texts are those of the response, which the header keeps;
 * lists are allocated apart and noted there. */
#include "sdk/tmirror_typed.h"

#include "base/array.h"
#include "base/text.h"
#include "sdk/client.h"
#include "sdk/pages.h"
#include "sdk/request.h"
#include "sdk/response.h"

#include <errno.h>
#include <inttypes.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

struct output {
	struct tmirror_response *response;
	void **lists;
	size_t list_count, list_capacity;
	alignas(max_align_t) char data[];
};

static void output_free(struct output *output);
DEFINE_CLEANUP(struct output *, output_free)

static int gather_pages(struct tmirror_client *client, struct tmirror_request *request,
			struct tmirror_response *response, struct tmirror_error *ret_error);
static int fill_structure(struct tmirror_request *request, const struct tmirror_shape *shape,
			  const char *structure, const char *prefix);
static int fill_list(struct tmirror_request *request, const struct tmirror_field *field,
		     const char *at, const char *name);
static int fill_value(struct tmirror_request *request, const struct tmirror_field *field,
		      const char *at, const char *name);
static int read_structure(struct output *output, const struct tmirror_shape *shape,
			  const struct tmirror_node *node, char *structure,
			  struct tmirror_error *ret_error);
static int read_list(struct output *output, const struct tmirror_field *field,
		     const struct tmirror_node *node, char *at, struct tmirror_error *ret_error);
static int read_value(struct output *output, const struct tmirror_field *field,
		      const struct tmirror_node *node, char *at, struct tmirror_error *ret_error);
static int read_number(const struct tmirror_node *node, char *at, struct tmirror_error *ret_error);
static int read_truth(const struct tmirror_node *node, char *at, struct tmirror_error *ret_error);
static struct output *output_of(const void *data);
static size_t field_size(const struct tmirror_field *field);

int tmirror_perform(struct tmirror_client *client, const struct tmirror_action *action,
		    const void *input, int every_page, void **ret_output,
		    struct tmirror_error *ret_error)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_(output_freep) struct output *output = NULL;
	int r;

	r = tmirror_request_new_typed(action, input, &request);
	if (r < 0)
		return r;
	output = calloc(1, sizeof(*output) + action->output->size);
	if (!output)
		return -ENOMEM;
	r = tmirror_call(client, request, &output->response, ret_error);
	if (r == 0 && every_page)
		r = gather_pages(client, request, output->response, ret_error);
	if (r == 0)
		r = read_structure(
			output, action->output,
			response_result(tmirror_response_root(output->response), request->service),
			output->data, ret_error);
	if (r != 0)
		return r;
	*ret_output = TAKE_PTR(output)->data;
	return 0;
}

void tmirror_output_free(void *output)
{
	if (output)
		output_free(output_of(output));
}

const struct tmirror_node *tmirror_output_tree(const void *output)
{
	return tmirror_response_root(output_of(output)->response);
}

int tmirror_request_new_typed(const struct tmirror_action *action, const void *input,
			      struct tmirror_request **ret_request)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = tmirror_request_new(action->name, &request);
	if (r == 0 && input)
		r = fill_structure(request, action->input, input, "");
	if (r == 0)
		*ret_request = TAKE_PTR(request);
	return r;
}

static void output_free(struct output *output)
{
	if (!output)
		return;
	for (size_t i = 0; i < output->list_count; i++)
		free(output->lists[i]);
	free(output->lists);
	tmirror_response_free(output->response);
	free(output);
}

static int gather_pages(struct tmirror_client *client, struct tmirror_request *request,
			struct tmirror_response *response, struct tmirror_error *ret_error)
{
	const struct request_service *service = request->service;
	bool complete = false;
	int r;

	r = pages_ask_next(request, response_result(tmirror_response_root(response), service),
			   &complete, ret_error);
	while (r == 0 && !complete) {
		_cleanup_(tmirror_response_freep) struct tmirror_response *later = NULL;

		r = tmirror_call(client, request, &later, ret_error);
		if (r == 0)
			r = pages_ask_next(request,
					   response_result(tmirror_response_root(later), service),
					   &complete, ret_error);
		if (r == 0)
			response_absorb(response, later, service);
	}
	return r;
}

/* Recursion is as deep as shapes are, which programs were compiled with. */
static int fill_structure(struct tmirror_request *request, const struct tmirror_shape *shape,
			  const char *structure, const char *prefix)
{
	int r = 0;

	for (size_t i = 0; i < shape->field_count && r == 0; i++) {
		const struct tmirror_field *field = &shape->fields[i];
		_cleanup_text_ struct text name = {};

		text_printf(&name, "%s%s", prefix, field->name);
		if (name.failed)
			return -ENOMEM;
		if (field->is_list)
			r = fill_list(request, field, structure + field->offset, name.data);
		else
			r = fill_value(request, field, structure + field->offset, name.data);
	}
	return r;
}

static int fill_list(struct tmirror_request *request, const struct tmirror_field *field,
		     const char *at, const char *name)
{
	struct tmirror_list list;
	int r = 0;

	memcpy(&list, at, sizeof(list));
	for (size_t i = 0; i < list.count && r == 0; i++) {
		const char *item = (const char *)list.items + i * field_size(field);
		_cleanup_text_ struct text numbered = {};

		text_printf(&numbered, "%s.%zu", name, i + 1);
		if (numbered.failed)
			return -ENOMEM;
		r = fill_value(request, field, item, numbered.data);
	}
	return r;
}

static int fill_value(struct tmirror_request *request, const struct tmirror_field *field,
		      const char *at, const char *name)
{
	_cleanup_text_ struct text value = {};
	struct tmirror_number number;
	enum tmirror_truth truth;
	const char *string;

	switch (field->type) {
	case TMIRROR_FIELD_TEXT:
		memcpy(&string, at, sizeof(string));
		return string ? tmirror_request_set(request, name, string) : 0;
	case TMIRROR_FIELD_TRUTH:
		memcpy(&truth, at, sizeof(truth));
		if (truth == TMIRROR_NOT_GIVEN)
			return 0;
		return tmirror_request_set(request, name, truth == TMIRROR_TRUE ? "true" : "false");
	case TMIRROR_FIELD_NUMBER:
		memcpy(&number, at, sizeof(number));
		if (!number.given)
			return 0;
		text_printf(&value, "%" PRIi64, number.value);
		return value.failed ? -ENOMEM : tmirror_request_set(request, name, value.data);
	case TMIRROR_FIELD_STRUCTURE:
		text_printf(&value, "%s.", name);
		return value.failed ? -ENOMEM
				    : fill_structure(request, field->shape, at, value.data);
	}
	return -EINVAL;
}

static int read_structure(struct output *output, const struct tmirror_shape *shape,
			  const struct tmirror_node *node, char *structure,
			  struct tmirror_error *ret_error)
{
	int r = 0;

	for (size_t i = 0; i < shape->field_count && r == 0; i++) {
		const struct tmirror_field *field = &shape->fields[i];
		const struct tmirror_node *child = tmirror_node_find(node, field->name);
		char *at = structure + field->offset;

		if (!child)
			continue;
		if (field->is_list)
			r = read_list(output, field, child, at, ret_error);
		else
			r = read_value(output, field, child, at, ret_error);
	}
	return r;
}

static int read_list(struct output *output, const struct tmirror_field *field,
		     const struct tmirror_node *node, char *at, struct tmirror_error *ret_error)
{
	_cleanup_free_ void *owned = NULL;
	struct tmirror_list list = {};
	char *items;
	int r;

	for (const struct tmirror_node *item = node->first; item; item = item->next)
		list.count++;
	if (list.count == 0)
		return 0;
	items = owned = calloc(list.count, field_size(field));
	if (!owned)
		return -ENOMEM;
	r = array_append(output, lists, list_count, list_capacity, owned);
	if (r < 0)
		return r;
	owned = NULL;
	list.items = items;
	memcpy(at, &list, sizeof(list));
	for (const struct tmirror_node *item = node->first; item && r == 0; item = item->next) {
		r = read_value(output, field, item, items, ret_error);
		items += field_size(field);
	}
	return r;
}

static int read_value(struct output *output, const struct tmirror_field *field,
		      const struct tmirror_node *node, char *at, struct tmirror_error *ret_error)
{
	switch (field->type) {
	case TMIRROR_FIELD_TEXT:
		memcpy(at, &node->text, sizeof(node->text));
		return 0;
	case TMIRROR_FIELD_NUMBER:
		return read_number(node, at, ret_error);
	case TMIRROR_FIELD_TRUTH:
		return read_truth(node, at, ret_error);
	case TMIRROR_FIELD_STRUCTURE:
		return read_structure(output, field->shape, node, at, ret_error);
	}
	return -EINVAL;
}

static int read_number(const struct tmirror_node *node, char *at, struct tmirror_error *ret_error)
{
	struct tmirror_number number = {.given = 1};
	char *end;

	errno = 0;
	number.value = strtoll(node->text, &end, 10);
	if (errno != 0 || end == node->text || *end)
		return error_set(ret_error, TMIRROR_UNUSABLE, "MalformedAnswer",
				 "<%s>%s</%s> is not a number that fits", node->name, node->text,
				 node->name);
	memcpy(at, &number, sizeof(number));
	return 0;
}

static int read_truth(const struct tmirror_node *node, char *at, struct tmirror_error *ret_error)
{
	enum tmirror_truth truth = TMIRROR_FALSE;

	if (strcmp(node->text, "true") == 0)
		truth = TMIRROR_TRUE;
	else if (strcmp(node->text, "false") != 0)
		return error_set(ret_error, TMIRROR_UNUSABLE, "MalformedAnswer",
				 "<%s>%s</%s> is neither true nor false", node->name, node->text,
				 node->name);
	memcpy(at, &truth, sizeof(truth));
	return 0;
}

static struct output *output_of(const void *data)
{
	return (struct output *)((uintptr_t)data - offsetof(struct output, data));
}

static size_t field_size(const struct tmirror_field *field)
{
	static const size_t sizes[] = {
		[TMIRROR_FIELD_TEXT] = sizeof(const char *),
		[TMIRROR_FIELD_NUMBER] = sizeof(struct tmirror_number),
		[TMIRROR_FIELD_TRUTH] = sizeof(enum tmirror_truth),
	};

	return field->type == TMIRROR_FIELD_STRUCTURE ? field->shape->size : sizes[field->type];
}
