// SPDX-License-Identifier: Apache-2.0
#include "sdk/request.h"

#include "base/array.h"
#include "base/count.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct request_service services[] = {
	{.name = "ec2",
	 .version = "2016-11-15",
	 .page_element = "nextToken",
	 .page_parameter = "NextToken",
	 .takes_tokens = true},
	{.name = "iam",
	 .version = "2010-05-08",
	 .page_element = "Marker",
	 .page_parameter = "Marker",
	 .wraps_result = true},
	{.name = "cloudtrail",
	 .version = "2013-11-01",
	 .page_element = "NextToken",
	 .page_parameter = "NextToken",
	 .wraps_result = true},
	{.name = "monitoring",
	 .version = "2010-08-01",
	 .page_element = "NextToken",
	 .page_parameter = "NextToken",
	 .wraps_result = true},
	{.name = "sts", .version = "2011-06-15", .wraps_result = true},
	{.name = "elasticloadbalancing",
	 .version = "2015-12-01",
	 .page_element = "NextMarker",
	 .page_parameter = "Marker",
	 .wraps_result = true},
};

static const struct request_service *service_find(const char *name, size_t length);
static bool request_creates(const struct tmirror_request *request);
static struct request_parameter *request_find(const struct tmirror_request *request,
					      const char *name);
static int request_add(struct tmirror_request *request, const char *name, const char *value);
static void encode_parameter(struct text *body, const char *name, const char *value);

int tmirror_request_new(const char *action, struct tmirror_request **ret_request)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	const char *colon = strchr(action, ':');

	request = calloc(1, sizeof(*request));
	if (!request)
		return -ENOMEM;
	request->service = colon ? service_find(action, (size_t)(colon - action)) : &services[0];
	if (!request->service)
		return -EINVAL;
	request->action = strdup(colon ? colon + 1 : action);
	if (!request->action)
		return -ENOMEM;
	*ret_request = TAKE_PTR(request);
	return 0;
}

void tmirror_request_free(struct tmirror_request *request)
{
	if (!request)
		return;
	for (size_t i = 0; i < request->parameter_count; i++) {
		free(request->parameters[i].name);
		free(request->parameters[i].value);
	}
	free(request->parameters);
	free(request->action);
	free(request);
}

int tmirror_request_set(struct tmirror_request *request, const char *name, const char *value)
{
	struct request_parameter *parameter = request_find(request, name);
	char *copy;
	int r = 0;

	if (!parameter) {
		r = request_add(request, name, value);
	} else {
		copy = strdup(value);
		if (!copy) {
			r = -ENOMEM;
		} else {
			free(parameter->value);
			parameter->value = copy;
		}
	}
	if (r < 0)
		request->failed = true;
	return r;
}

int tmirror_request_append(struct tmirror_request *request, const char *name, const char *value)
{
	for (unsigned int number = 1;; number++) {
		_cleanup_text_ struct text numbered = {};

		text_printf(&numbered, "%s.%u", name, number);
		if (numbered.failed) {
			request->failed = true;
			return -ENOMEM;
		}
		if (!request_find(request, numbered.data))
			return tmirror_request_set(request, numbered.data, value);
	}
}

const char *request_get(const struct tmirror_request *request, const char *name)
{
	const struct request_parameter *parameter = request_find(request, name);

	return parameter ? parameter->value : NULL;
}

int request_copy(const struct tmirror_request *request, struct tmirror_request **ret_copy)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *copy = NULL;
	int r;

	if (request->failed)
		return -ENOMEM;
	r = tmirror_request_new(request->action, &copy);
	if (r == 0)
		copy->service = request->service;
	for (size_t i = 0; i < request->parameter_count && r == 0; i++)
		r = request_add(copy, request->parameters[i].name, request->parameters[i].value);
	if (r == 0)
		*ret_copy = TAKE_PTR(copy);
	return r;
}

bool request_is_unrepeatable(const struct tmirror_request *request)
{
	return request_creates(request) && !request->service->takes_tokens;
}

bool request_wants_token(const struct tmirror_request *request)
{
	return request_creates(request) && request->service->takes_tokens &&
	       !request_get(request, "ClientToken");
}

int request_encode(const struct tmirror_request *request, const char *client_token,
		   struct text *ret_body)
{
	if (request->failed)
		return -ENOMEM;
	text_clear(ret_body);
	encode_parameter(ret_body, "Action", request->action);
	encode_parameter(ret_body, "Version", request->service->version);
	for (size_t i = 0; i < request->parameter_count; i++)
		encode_parameter(ret_body, request->parameters[i].name,
				 request->parameters[i].value);
	if (client_token)
		encode_parameter(ret_body, "ClientToken", client_token);
	return ret_body->failed ? -ENOMEM : 0;
}

static const struct request_service *service_find(const char *name, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++)
		if (strlen(services[i].name) == length &&
		    strncmp(services[i].name, name, length) == 0)
			return &services[i];
	return NULL;
}

static bool request_creates(const struct tmirror_request *request)
{
	return strncmp(request->action, "Create", strlen("Create")) == 0 &&
	       strcmp(request->action, "CreateTags") != 0;
}

static struct request_parameter *request_find(const struct tmirror_request *request,
					      const char *name)
{
	for (size_t i = 0; i < request->parameter_count; i++) {
		if (strcmp(request->parameters[i].name, name) == 0)
			return &request->parameters[i];
	}
	return NULL;
}

static int request_add(struct tmirror_request *request, const char *name, const char *value)
{
	_cleanup_free_ char *name_copy = strdup(name);
	_cleanup_free_ char *value_copy = strdup(value);
	int r;

	if (!name_copy || !value_copy)
		return -ENOMEM;
	r = array_append(request, parameters, parameter_count, parameter_capacity,
			 ((struct request_parameter){name_copy, value_copy}));
	if (r < 0)
		return r;
	name_copy = NULL;
	value_copy = NULL;
	return 0;
}

/* RFC 3986: everything but the unreserved characters as %XX. */
static void encode_string(struct text *body, const char *string)
{
	static const char unreserved[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (; *string; string++) {
		if (strchr(unreserved, *string))
			text_append_char(body, *string);
		else
			text_printf(body, "%%%02X", (unsigned int)(unsigned char)*string);
	}
}

static void encode_parameter(struct text *body, const char *name, const char *value)
{
	if (body->length > 0)
		text_append_char(body, '&');
	encode_string(body, name);
	text_append_char(body, '=');
	encode_string(body, value);
}
