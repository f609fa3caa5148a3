// SPDX-License-Identifier: Apache-2.0
#include "api/request_keys.h"

#include "api/call.h"
#include "api/visit.h"
#include "base/count.h"
#include "control/principal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int add_arguments(const struct call *call, struct access_context *context);
static int add_attribute(const struct argument *argument, struct access_context *context);

int request_keys_add(struct request_keys *keys, const struct visit *visit, const struct call *call,
		     const struct principal *principal, struct access_context *context)
{
	const struct caller *caller = call->caller;
	const bool user = principal->identity.kind == IDENTITY_USER;
	const bool temporary = caller->session_began != 0;
	const int64_t now = clock_realtime();
	int r = 0;

	address_format(&visit->request->peer, keys->source);
	timestamp_format(now, keys->now);
	(void)snprintf(keys->epoch, sizeof(keys->epoch), "%" PRId64, now / 1000);
	timestamp_format(caller->session_began, keys->issued);
	/* A value that is NULL is a key that the request does not have. */
	const struct access_value values[] = {
		{"", "aws:SourceIp", keys->source},
		{"", "aws:CurrentTime", keys->now},
		{"", "aws:EpochTime", keys->epoch},
		{"", "aws:SecureTransport", visit->api->options.encrypted ? "true" : "false"},
		{"", "aws:UserAgent", http_request_get_header(visit->request, "user-agent")},
		{"", "aws:Referer", http_request_get_header(visit->request, "referer")},
		{"", "aws:username", user ? principal->identity.name : NULL},
		{"", "aws:userid", caller->user_id},
		{"", "aws:PrincipalArn", principal->arn},
		{"", "aws:PrincipalAccount", caller->account.text},
		{"", "aws:PrincipalType", user ? "User" : "AssumedRole"},
		{"", "aws:PrincipalIsAWSService", "false"},
		{"", "aws:ViaAWSService", "false"},
		{"", "aws:TokenIssueTime", temporary ? keys->issued : NULL},
		{"", "aws:MultiFactorAuthPresent", temporary ? "false" : NULL},
		{"", "aws:RequestedRegion", control_get_region(call->control)},
		{"", "ec2:Region", control_get_region(call->control)},
	};

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(values); i++)
		if (values[i].value)
			r = access_context_add(context, values[i].key, values[i].value);
	return r == 0 ? add_arguments(call, context) : r;
}

int request_keys_add_tags(const struct call *call, const char *keys_name, const char *values_name,
			  struct access_context *context)
{
	const struct argument *keys, *values;
	size_t key_count, value_count;
	int r = 0;

	keys = arguments_get_list(&call->arguments, keys_name, &key_count);
	values = arguments_get_list(&call->arguments, values_name, &value_count);
	for (size_t i = 0; r == 0 && i < key_count; i++) {
		const char *value = "";

		for (size_t j = 0; j < value_count; j++)
			if (memcmp(values[j].index, keys[i].index, sizeof(keys[i].index)) == 0)
				value = values[j].value;
		r = access_context_add(context, "aws:TagKeys", keys[i].value);
		if (r == 0)
			r = access_context_add_named(context, "aws:RequestTag/", keys[i].value,
						     value);
	}
	return r;
}

static int add_arguments(const struct call *call, struct access_context *context)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < call->arguments.count; i++) {
		const struct argument *argument = &call->arguments.items[i];

		if (argument->parameter->key)
			r = access_context_add(context, argument->parameter->key, argument->value);
		if (r == 0 && call->action->changes)
			r = add_attribute(argument, context);
	}
	return r;
}

/* What is not there to say which resource, nor how to answer, is an attribute of it. */
static int add_attribute(const struct argument *argument, struct access_context *context)
{
	const char *name = argument->parameter->name;
	int r;

	if (argument->parameter->required || strcmp(name, "DryRun") == 0 ||
	    strcmp(name, "Extension.Show") == 0)
		return 0;
	r = access_context_add(context, "ec2:Attribute", name);
	if (r == 0)
		r = access_context_add_named(context, "ec2:Attribute/", name, argument->value);
	return r;
}
