// SPDX-License-Identifier: Apache-2.0
/* Whether the caller may.  The rows of action and parameters say what has to be asked: for each thing that the request
 * names or makes, one question to all the policies that have a say; all of them must be answered with yes. */
#include "access/judge.h"
#include "api/call.h"
#include "api/request_keys.h"
#include "api/resource.h"
#include "api/visit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PERMISSION_SIZE 128

/* One request while it is judged. */
struct inquiry {
	const struct visit *visit;
	const struct call *call;
	struct principal *principal;
	struct request_keys keys;
	struct access_context context; /* The first 'common' are those of the request as a whole. */
	size_t common;
	char permission[PERMISSION_SIZE];
	unsigned int asked; /* Resources. */
};

static void inquiry_fini(struct inquiry *inquiry);
static int inquiry_init(struct inquiry *inquiry, const struct visit *visit, const struct call *call,
			struct refusal *why);
static int ask_all(struct inquiry *inquiry, struct refusal *why);
static int ask_named(struct inquiry *inquiry, const struct parameter *row, struct refusal *why);
static int ask_new(struct inquiry *inquiry, struct refusal *why);
static int ask_about(struct inquiry *inquiry, const struct resource_type *type, const char *name,
		     struct refusal *why);
static int judge(struct inquiry *inquiry, const char *permission, const struct resource *resource,
		 struct refusal *why);
static int refuse_permission(const struct inquiry *inquiry, const char *permission, const char *arn,
			     enum access_verdict verdict, struct refusal *why);

int visit_authorize(struct visit *visit, const struct call *call, struct refusal *why)
{
	_cleanup_(inquiry_fini) struct inquiry inquiry = {};
	int r;

	if (call->action->open)
		return 0;
	if (call->caller->kind == CALLER_HOST)
		return refuse(why, REFUSE_NOT_PERMITTED,
			      "You are not authorized to perform this operation.");
	r = inquiry_init(&inquiry, visit, call, why);
	return r == 0 ? ask_all(&inquiry, why) : r;
}

static void inquiry_fini(struct inquiry *inquiry)
{
	principal_unref(inquiry->principal);
	access_context_fini(&inquiry->context);
}

static int inquiry_init(struct inquiry *inquiry, const struct visit *visit, const struct call *call,
			struct refusal *why)
{
	const struct tag_words *words = visit->service->tag_words;
	const struct action *action = call->action;
	int r;

	inquiry->visit = visit;
	inquiry->call = call;
	if (action->permission)
		(void)string_copy(inquiry->permission, PERMISSION_SIZE, action->permission);
	else
		(void)snprintf(inquiry->permission, PERMISSION_SIZE, "%s:%s", visit->service->name,
			       action->name);
	r = principal_find(call->control, call->caller->principal, &inquiry->principal, why);
	if (r == 0 && visit->service->closed_to_sessions && call->caller->session_began != 0 &&
	    !call->caller->console && inquiry->principal->identity.kind == IDENTITY_USER)
		return refuse(why, REFUSE_CREDENTIALS_INVALID,
			      "The security token included in the request is invalid.");
	if (r == 0)
		r = request_keys_add(&inquiry->keys, visit, call, inquiry->principal,
				     &inquiry->context);
	if (r == 0 && words)
		r = request_keys_add_tags(call, words->key, words->value, &inquiry->context);
	inquiry->common = inquiry->context.count;
	return r;
}

static int ask_all(struct inquiry *inquiry, struct refusal *why)
{
	const struct action *action = inquiry->call->action;
	int r = 0;

	for (size_t i = 0; r == 0 && i < action->parameter_count; i++)
		if (action->parameters[i].names)
			r = ask_named(inquiry, &action->parameters[i], why);
	if (r == 0 && action->creates)
		r = ask_new(inquiry, why);
	if (r == 0 && inquiry->asked == 0) {
		_cleanup_(resource_fini) struct resource everything = {};

		text_append(&everything.arn, "*");
		r = judge(inquiry, inquiry->permission, &everything, why);
	}
	return r;
}

static int ask_named(struct inquiry *inquiry, const struct parameter *row, struct refusal *why)
{
	const struct argument *elements;
	size_t count;
	int r = 0;

	elements = arguments_get_list(&inquiry->call->arguments, row->name, &count);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = ask_about(inquiry, row->names, elements[i].value, why);
	if (count == 0 && row->names->is_caller)
		r = ask_about(inquiry, row->names, NULL, why);
	return r;
}

/* What is made with tags takes the permission to set tags, too; "ec2:CreateAction" and its like let a policy grant that
 * for creation only. */
static int ask_new(struct inquiry *inquiry, struct refusal *why)
{
	_cleanup_(resource_fini) struct resource made = {};
	const struct call *call = inquiry->call;
	const struct resource_type *type = call->action->creates;
	const struct tag_words *words = inquiry->visit->service->tag_words;
	size_t tags;
	int r;

	inquiry->asked++;
	r = type->describe(type, call, NULL, &made);
	if (r == 0)
		r = resource_add_keys(&made, &inquiry->context);
	if (r == 0 && strcmp(words->new_key, words->key) != 0)
		r = request_keys_add_tags(call, words->new_key, words->new_value,
					  &inquiry->context);
	if (r == 0 && !type->within)
		r = judge(inquiry, inquiry->permission, &made, why);
	(void)arguments_get_list(&call->arguments, words->new_key, &tags);
	if (r == 0 && tags > 0) {
		r = access_context_add(&inquiry->context, words->create_key, call->action->name);
		if (r == 0)
			r = judge(inquiry, words->permission, &made, why);
	}
	inquiry->context.count = inquiry->common;
	return r;
}

static int ask_about(struct inquiry *inquiry, const struct resource_type *type, const char *name,
		     struct refusal *why)
{
	_cleanup_(resource_fini) struct resource resource = {};
	int r;

	inquiry->asked++;
	r = type->describe(type, inquiry->call, name, &resource);
	if (r == 0)
		r = resource_add_keys(&resource, &inquiry->context);
	if (r < 0)
		return r;
	if (type->trusts && !resource.role)
		return refuse_permission(inquiry, inquiry->permission, resource.arn.data,
					 ACCESS_SILENT_RESOURCE, why);
	r = judge(inquiry, inquiry->permission, &resource, why);
	inquiry->context.count = inquiry->common;
	/* Who changes a rule changes its filter. */
	if (r == 0 && resource_id_set(&resource.facts.filter))
		r = ask_about(inquiry, &filter_resource, resource.facts.filter.text, why);
	return r;
}

static int judge(struct inquiry *inquiry, const char *permission, const struct resource *resource,
		 struct refusal *why)
{
	const struct principal *principal = inquiry->principal, *role = resource->role;
	const struct caller *caller = inquiry->call->caller;
	const struct access_policies policies = {
		.identity = principal->policies,
		.identity_count = principal->policy_count,
		.session = inquiry->visit->session_policy,
		.resource = role ? role->trust : NULL,
		.same_account = role && !strcmp(role->identity.account.text, caller->account.text),
	};
	const struct access_question question = {
		.action = permission,
		.resource = resource->arn.data,
		.principal = caller->arn,
		.role = principal->identity.kind == IDENTITY_ROLE ? principal->arn : NULL,
		.account = caller->account.text,
		.context = &inquiry->context,
	};
	int verdict;

	if (resource->arn.failed)
		return -ENOMEM;
	verdict = access_judge(&policies, &question);
	if (verdict < 0 || verdict == ACCESS_GRANTED)
		return verdict < 0 ? verdict : 0;
	return refuse_permission(inquiry, permission, resource->arn.data,
				 (enum access_verdict)verdict, why);
}

static int refuse_permission(const struct inquiry *inquiry, const char *permission, const char *arn,
			     enum access_verdict verdict, struct refusal *why)
{
	const bool wordy = !inquiry->visit->service->wraps_result;
	_cleanup_text_ struct text reason = {};

	access_append_reason(&reason, verdict, permission);
	if (reason.failed)
		return -ENOMEM;
	return refuse(why, REFUSE_NOT_PERMITTED,
		      "%sUser: %.160s is not authorized to perform: %s on resource: %.160s %s",
		      wordy ? "You are not authorized to perform this operation. " : "",
		      inquiry->call->caller->arn, permission, arn, reason.data);
}
