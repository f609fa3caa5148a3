// SPDX-License-Identifier: Apache-2.0
#include "cli/arn.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PARAMETER_SIZE 64

static int tags_set(struct invocation *invocation, const char *arn);
static int tags_remove(struct invocation *invocation, const char *arn);

int arn_find(struct invocation *invocation, const struct arn_kind *kind, const char *name,
	     char **ret_arn)
{
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *item, *other;
	const char *arn = name;
	int r;

	if (strncmp(name, "arn:", strlen("arn:")) != 0) {
		r = arn_look_up(invocation, kind, name, &pages);
		if (r == 0)
			r = tmirror_pages_next(pages, &item, &invocation->error);
		if (r != 0)
			return r == TMIRROR_END ? -EPROTO : r;
		arn = tmirror_node_text(item, kind->element);
		r = tmirror_pages_next(pages, &other, &invocation->error);
		if (r == 0)
			return invocation_misused(invocation,
						  "there are several of the name '%s'; say its ARN",
						  name);
		if (r != TMIRROR_END)
			return r;
	}
	*ret_arn = arn ? strdup(arn) : NULL;
	return *ret_arn ? 0 : arn ? -ENOMEM : -EPROTO;
}

int arn_look_up(struct invocation *invocation, const struct arn_kind *kind, const char *name,
		struct tmirror_pages **ret_pages)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = tmirror_request_new(kind->describe, &request);

	if (r == 0)
		r = tmirror_request_append(request, kind->names, name);
	if (r == 0 && kind->extended)
		r = tmirror_request_set(request, "Extension.Show", "true");
	return r != 0 ? r : tmirror_pages_new(invocation->client, request, kind->set, ret_pages);
}

int arn_change_tags(struct invocation *invocation, const char *arn)
{
	int r = 0;

	if (arguments_has(&invocation->arguments, "tag"))
		r = tags_set(invocation, arn);
	if (r == 0 && arguments_has(&invocation->arguments, "untag"))
		r = tags_remove(invocation, arn);
	return r;
}

int arn_fill_pairs(const struct invocation *invocation, const char *option, const char *list,
		   struct tmirror_request *request)
{
	const struct argument *pair = NULL;
	unsigned int number = 0;
	int r = 0;

	while (r == 0 && (pair = arguments_next(&invocation->arguments, option, pair))) {
		const size_t length = strcspn(pair->value, "=");
		_cleanup_free_ char *key = strndup(pair->value, length);
		char name[PARAMETER_SIZE];

		if (!key)
			return -ENOMEM;
		(void)snprintf(name, sizeof(name), "%s.member.%u.Key", list, ++number);
		r = tmirror_request_set(request, name, key);
		(void)snprintf(name, sizeof(name), "%s.member.%u.Value", list, number);
		if (r == 0)
			r = tmirror_request_set(
				request, name, pair->value[length] ? pair->value + length + 1 : "");
	}
	return r;
}

static int tags_set(struct invocation *invocation, const char *arn)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	int r = tmirror_request_new("elasticloadbalancing:AddTags", &request);

	if (r == 0)
		r = tmirror_request_append(request, "ResourceArns.member", arn);
	if (r == 0)
		r = arn_fill_pairs(invocation, "tag", "Tags", request);
	return r != 0 ? r : invocation_call(invocation, request, &response);
}

static int tags_remove(struct invocation *invocation, const char *arn)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const struct argument *key = NULL;
	int r = tmirror_request_new("elasticloadbalancing:RemoveTags", &request);

	if (r == 0)
		r = tmirror_request_append(request, "ResourceArns.member", arn);
	while (r == 0 && (key = arguments_next(&invocation->arguments, "untag", key)))
		r = tmirror_request_append(request, "TagKeys.member", key->value);
	return r != 0 ? r : invocation_call(invocation, request, &response);
}
