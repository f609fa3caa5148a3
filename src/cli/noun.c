// SPDX-License-Identifier: Apache-2.0
#include "cli/noun.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PAGE_SIZE "1000"

static int describe(struct invocation *invocation, const char *id,
		    struct tmirror_pages **ret_pages);
static int show(struct invocation *invocation, const char *id);
static int modify(struct invocation *invocation, const char *id);
static int set_tags(struct invocation *invocation, const char *id);
static int remove_tags(struct invocation *invocation, const char *id);
static int call_for_effect(struct invocation *invocation, const struct tmirror_request *request);

int noun_list(struct invocation *invocation)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	int r;

	r = describe(invocation, NULL, &pages);
	if (r != 0)
		return r;
	return output_items(invocation, pages, &invocation->command->about->columns);
}

int noun_show(struct invocation *invocation)
{
	return show(invocation, invocation_get(invocation, ID_WORD));
}

int noun_create(struct invocation *invocation)
{
	const struct noun *noun = invocation->command->about;
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct tmirror_node *object;
	const char *id;
	int r;

	r = invocation_request(invocation, noun->create, &request);
	if (r == 0)
		r = invocation_call(invocation, request, &response);
	if (r != 0)
		return r;
	object = tmirror_node_find(tmirror_response_root(response), noun->object);
	id = tmirror_node_text(object, noun->id_element);
	if (!id)
		return -EPROTO;
	if (invocation->json)
		return output_object(invocation, object, &noun->columns);
	return puts(id) < 0 ? -EIO : 0;
}

int noun_modify(struct invocation *invocation)
{
	const struct arguments *arguments = &invocation->arguments;
	const char *id = invocation_get(invocation, ID_WORD);
	bool set = arguments_has(arguments, "tag"), removed = arguments_has(arguments, "untag");
	bool changed = false;
	int r = 0;

	for (size_t i = 0; i < arguments->count; i++)
		changed = changed || arguments->items[i].row->parameter;
	if (!changed && !set && !removed)
		return invocation_misused(invocation, "nothing is to be changed");
	if (changed)
		r = modify(invocation, id);
	if (r == 0 && set)
		r = set_tags(invocation, id);
	if (r == 0 && removed)
		r = remove_tags(invocation, id);
	return r == 0 && invocation->json ? show(invocation, id) : r;
}

int noun_delete(struct invocation *invocation)
{
	const struct noun *noun = invocation->command->about;
	const struct argument *id = NULL;
	int r = 0;

	while (r == 0 && (id = arguments_next(&invocation->arguments, ID_WORD, id))) {
		_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;

		r = invocation_request(invocation, noun->delete, &request);
		if (r == 0)
			r = tmirror_request_set(request, noun->id_parameter, id->value);
		if (r == 0)
			r = call_for_effect(invocation, request);
	}
	return r;
}

/* Of all, or of one. */
static int describe(struct invocation *invocation, const char *id, struct tmirror_pages **ret_pages)
{
	const struct noun *noun = invocation->command->about;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	if (id) {
		r = tmirror_request_new(noun->describe, &request);
		if (r == 0)
			r = tmirror_request_append(request, noun->id_parameter, id);
	} else {
		r = invocation_request(invocation, noun->describe, &request);
		if (r == 0)
			r = tmirror_request_set(request,
						noun->page_size ? noun->page_size : "MaxResults",
						noun->page_limit ? noun->page_limit : PAGE_SIZE);
	}
	if (r == 0 && noun->extended)
		r = tmirror_request_set(request, "Extension.Show", "true");
	if (r != 0)
		return r;
	return tmirror_pages_new(invocation->client, request, noun->set, ret_pages);
}

static int show(struct invocation *invocation, const char *id)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *item;
	int r;

	r = describe(invocation, id, &pages);
	if (r == 0)
		r = tmirror_pages_next(pages, &item, &invocation->error);
	if (r == TMIRROR_END)
		return -EPROTO;
	if (r != 0)
		return r;
	return output_object(invocation, item, &invocation->command->about->columns);
}

static int modify(struct invocation *invocation, const char *id)
{
	const struct noun *noun = invocation->command->about;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r;

	r = invocation_request(invocation, noun->modify, &request);
	if (r == 0)
		r = tmirror_request_set(request, noun->id_parameter, id);
	return r == 0 ? call_for_effect(invocation, request) : r;
}

/* Sets the next free one of Tag.N; 'value' may be NULL. */
static int add_tag(struct tmirror_request *request, unsigned int number, const char *key,
		   size_t key_length, const char *value)
{
	_cleanup_free_ char *copy = strndup(key, key_length);
	char name[32];
	int r;

	if (!copy)
		return -ENOMEM;
	(void)snprintf(name, sizeof(name), "Tag.%u.Key", number);
	r = tmirror_request_set(request, name, copy);
	if (r < 0 || !value)
		return r;
	(void)snprintf(name, sizeof(name), "Tag.%u.Value", number);
	return tmirror_request_set(request, name, value);
}

static int set_tags(struct invocation *invocation, const char *id)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct argument *tag = NULL;
	unsigned int number = 0;
	int r;

	r = tmirror_request_new("CreateTags", &request);
	if (r == 0)
		r = tmirror_request_append(request, "ResourceId", id);
	while (r == 0 && (tag = arguments_next(&invocation->arguments, "tag", tag))) {
		size_t length = strcspn(tag->value, "=");

		r = add_tag(request, ++number, tag->value, length,
			    tag->value[length] ? tag->value + length + 1 : "");
	}
	return r == 0 ? call_for_effect(invocation, request) : r;
}

static int remove_tags(struct invocation *invocation, const char *id)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct argument *tag = NULL;
	unsigned int number = 0;
	int r;

	r = tmirror_request_new("DeleteTags", &request);
	if (r == 0)
		r = tmirror_request_append(request, "ResourceId", id);
	while (r == 0 && (tag = arguments_next(&invocation->arguments, "untag", tag)))
		r = add_tag(request, ++number, tag->value, strlen(tag->value), NULL);
	return r == 0 ? call_for_effect(invocation, request) : r;
}

static int call_for_effect(struct invocation *invocation, const struct tmirror_request *request)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;

	return invocation_call(invocation, request, &response);
}
