// SPDX-License-Identifier: Apache-2.0
/* The Query API: parameters in a form or in the query string, an answer in XML. */
#include "api/answers.h"
#include "api/call.h"
#include "api/changes.h"
#include "api/extension.h"
#include "api/form.h"
#include "api/json_request.h"
#include "api/record.h"
#include "api/throttle.h"
#include "api/visit.h"
#include "base/clock.h"
#include "sigv4/hash.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define WAITING_MAX 64 /* Requests of one account that wait for its changes. */

static bool is_anonymous(const struct visit *visit);
static int decode(struct visit *visit, struct form *form, struct refusal *why);
static int decode_json(struct visit *visit, const char *action, struct form *form,
		       struct refusal *why);
static int find_action(struct visit *visit, const struct form *form,
		       const struct action **ret_action, struct refusal *why);
static int run_action(struct visit *visit, const struct action *action, const struct form *form,
		      struct refusal *why);
static void claim(struct visit *visit);
static int run_call(struct visit *visit, struct call *call, struct caller *caller,
		    struct refusal *why);
static int take_token(struct visit *visit, const struct call *call, struct refusal *why);
static int hash_request(struct call *call);
static void note_change(struct visit *visit, const struct action *action);
static void wait_again(struct visit *visit, const struct call_wait *wait);
static int run_or_recall(struct visit *visit, struct call *call, struct refusal *why);
static int run_locked(struct visit *visit, struct call *call, struct refusal *why);
static void begin_answer(struct visit *visit, const struct action *action);
static int end_answer(struct visit *visit, const struct action *action);
static int finish_answer(struct visit *visit, const char *type);

int visit_query(struct visit *visit, struct refusal *why)
{
	struct form *form = &visit->form;
	const struct action *action;
	const char *version, *name;
	int r;

	r = decode(visit, form, why);
	if (r != 0)
		return r;
	/* Until the signature says it, the version tells whose manners the caller expects. */
	version = form_get(form, "Version");
	visit->service = version ? service_find_version(version) : NULL;
	name = form_get(form, "Action");
	(void)snprintf(visit->action, sizeof(visit->action), "%s", name ? name : "");
	if (!is_anonymous(visit)) {
		r = visit_authenticate(visit, NULL, why);
		if (r != 0)
			return r;
	}
	r = find_action(visit, form, &action, why);
	if (r != 0)
		return r;
	/* Written where it is sent from: pages are long.  A refusal takes the place of what has been written until then. */
	begin_answer(visit, action);
	r = run_action(visit, action, form, why);
	if (r != 0 || visit->waits)
		return r;
	return end_answer(visit, action);
}

static bool is_anonymous(const struct visit *visit)
{
	const struct action *action =
		visit->service ? service_find_action(visit->service, visit->action) : NULL;

	return action && action->anonymous;
}

static int decode(struct visit *visit, struct form *form, struct refusal *why)
{
	const struct http_request *request = visit->request;
	const char *action;
	int r;

	visit->service = json_request_find(request, &action);
	if (visit->service)
		return decode_json(visit, action, form, why);
	r = form_decode(form, request->query, strlen(request->query), why);
	if (r != 0)
		return r;
	return form_decode(form, request->body, request->body_size, why);
}

/* The rest of the door knows only fields. */
static int decode_json(struct visit *visit, const char *action, struct form *form,
		       struct refusal *why)
{
	int r;

	visit->json = true;
	r = form_add(form, "Action", action, why);
	if (r == 0)
		r = form_add(form, "Version", visit->service->version, why);
	return r == 0 ? json_request_decode(visit->request, form, why) : r;
}

static int find_action(struct visit *visit, const struct form *form,
		       const struct action **ret_action, struct refusal *why)
{
	const char *version = form_get(form, "Version"), *name = form_get(form, "Action");

	if (visit->key.caller.kind == CALLER_HOST && !visit->service->open_to_hosts)
		return refuse(why, REFUSE_NOT_PERMITTED,
			      "You are not authorized to perform this operation.");
	if (!name || *name == '\0')
		return refuse(why, REFUSE_ACTION_MISSING,
			      "The request must contain the parameter Action");
	if (!version)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain the parameter Version");
	if (strcmp(version, visit->service->version) != 0)
		return refuse(why, REFUSE_VERSION,
			      "The requested version (%.64s) of service %s does not exist", version,
			      visit->service->name);
	*ret_action = service_find_action(visit->service, name);
	if (!*ret_action)
		return refuse(why, REFUSE_ACTION_UNKNOWN,
			      "The action %.128s is not valid for this web service.", name);
	return 0;
}

static int run_action(struct visit *visit, const struct action *action, const struct form *form,
		      struct refusal *why)
{
	struct caller caller = visit->key.caller;
	_cleanup_(call_fini) struct call call = {
		.control = visit->api->options.control,
		.caller = &caller,
		.action = action,
		.tally = visit->api->tally,
		.audit = visit->api->audit,
		.changes = visit->api->changes,
		.sign_ins = visit->api->sign_ins,
		.tries = visit->api->tries,
		.request = visit->request,
		.encrypted = visit->api->options.encrypted,
		.authority = visit->api->options.authority,
		.proven = &visit->key,
		.wait = {.arrived = visit->request->arrived,
			 .possible = !visit->request->last_turn},
		.json = visit->json,
		.xml = &visit->reply->body,
	};
	int r;

	r = arguments_bind(action->parameters, action->parameter_count, form, &call.arguments, why);
	if (r != 0)
		return r;
	visit->row = action;
	/* Who has waited has paid. */
	r = visit->request->turn == 0 && !action->anonymous ? take_token(visit, &call, why) : 0;
	if (r == 0)
		r = run_call(visit, &call, &caller, why);
	if (r == 0 && action->anonymous)
		claim(visit);
	if (r == 0 && call.wait.until != 0)
		wait_again(visit, &call.wait);
	visit->arguments = call.arguments;
	call.arguments = (struct arguments){};
	return r;
}

/* What an anonymous action found out about its caller is his, as if he had signed. */
static void claim(struct visit *visit)
{
	visit->claimed.account = visit->key.caller.account;
	(void)string_copy(visit->claimed.key, sizeof(visit->claimed.key), visit->key.id);
}

static int run_call(struct visit *visit, struct call *call, struct caller *caller,
		    struct refusal *why)
{
	int r;

	caller->dry_run = arguments_get_boolean(&call->arguments, "DryRun");
	r = hash_request(call);
	return r < 0 ? r : run_locked(visit, call, why);
}

/* A request without anything but DryRun asks for everything. */
static int take_token(struct visit *visit, const struct call *call, struct refusal *why)
{
	const struct throttle_request request = {
		.account = call->caller->account.text,
		.service = visit->service->name,
		.action = call->action->name,
		.everything = call->arguments.count ==
			      (size_t)arguments_get_boolean(&call->arguments, "DryRun"),
	};

	return throttle_take(visit->api->throttle, &request, clock_monotonic(), why);
}

static int hash_request(struct call *call)
{
	_cleanup_text_ struct text canonical = {};

	text_append(&canonical, call->action->name);
	text_append_char(&canonical, '\n');
	arguments_append_canonical(&canonical, &call->arguments);
	if (canonical.failed)
		return -ENOMEM;
	hash_text(canonical.data, canonical.length, call->request_hash);
	return 0;
}

/* What changes something ends a dry run by itself; what only looks has nothing to hold back. */
static int run_locked(struct visit *visit, struct call *call, struct refusal *why)
{
	int r;

	r = api_enter(visit->api);
	if (r == 0)
		r = visit_authorize(visit, call, why);
	if (r == 0)
		r = run_or_recall(visit, call, why);
	if (r == 0 && !call->caller->dry_run && !record_only_reads(call->action->name))
		note_change(visit, call->action);
	api_leave(visit->api);
	if (r == 0 && call->caller->dry_run)
		return refuse(why, REFUSE_DRY_RUN,
			      "Request would have succeeded, but DryRun flag is set.");
	return r;
}

/* What was refused has changed nothing. */
static void note_change(struct visit *visit, const struct action *action)
{
	const struct change_effect effect = change_effect_of(visit->service, action->name);

	api_note_change(visit->api, effect.everywhere ? NULL : visit->key.caller.account.text,
			effect.kinds);
}

static void wait_again(struct visit *visit, const struct call_wait *wait)
{
	(void)string_copy(visit->reply->wait_key, sizeof(visit->reply->wait_key), wait->key);
	visit->reply->wait_until = wait->until;
	visit->reply->wait_room = WAITING_MAX;
	visit->waits = true;
}

/* Runs the action, unless its answer is known. */
static int run_or_recall(struct visit *visit, struct call *call, struct refusal *why)
{
	const struct question question = {
		.account = call->caller->account.text,
		.hash = call->request_hash,
		.extended = arguments_get_boolean(&call->arguments, EXTENSION_SHOW),
		.version = control_get_version(call->control),
	};
	const bool steady = call->action->steady && !call->caller->dry_run;
	const size_t begin = call->xml->length;
	int r;

	if (steady && answers_get(visit->api->answers, &question, call->xml))
		return 0;
	r = call->action->run(call, why);
	if (r == 0 && steady && !call->xml->failed)
		answers_put(visit->api->answers, &question, call->xml->data + begin,
			    call->xml->length - begin);
	return r;
}

static void begin_answer(struct visit *visit, const struct action *action)
{
	const struct service *service = visit->service;
	struct text *xml = &visit->reply->body;

	if (visit->json)
		return;
	text_printf(xml, XML_DECLARATION "<%sResponse xmlns=\"%s\">", action->name,
		    service->namespace);
	if (service->wraps_result)
		text_printf(xml, "<%sResult>", action->name);
	else
		xml_text(xml, "requestId", visit->request_id);
}

static int end_answer(struct visit *visit, const struct action *action)
{
	struct text *xml = &visit->reply->body;

	if (visit->json)
		return finish_answer(visit, API_TYPE_JSON);
	if (visit->service->wraps_result) {
		text_printf(xml, "</%sResult><ResponseMetadata>", action->name);
		xml_text(xml, "RequestId", visit->request_id);
		xml_close(xml, "ResponseMetadata");
	}
	text_printf(xml, "</%sResponse>", action->name);
	return finish_answer(visit, API_TYPE_XML);
}

static int finish_answer(struct visit *visit, const char *type)
{
	if (visit->reply->body.failed)
		return -ENOMEM;
	visit->reply->status = 200;
	http_reply_add_header(visit->reply, "Content-Type", type);
	return 0;
}
