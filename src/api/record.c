// SPDX-License-Identifier: Apache-2.0
#include "api/record.h"

#include "api/call.h"
#include "api/errors.h"
#include "api/json.h"
#include "api/record_part.h"
#include "api/visit.h"
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define AGENT_LENGTH_MAX 1024
#define TOO_FAST         "RequestLimitExceeded"
#define PART_LENGTH_MAX \
	((size_t)100 << 10) /* CloudTrail leaves out what makes a record too large, too. */

static void write_identity(struct text *json, const struct visit *visit);
static void write_session(struct text *json, const struct caller *caller);
static void write_origin(struct text *json, const struct visit *visit, int64_t now);
static void write_error(struct text *json, const struct visit *visit,
			const struct error_name *error, const char *message);
static void write_part(struct text *json, const char *name, const struct text *part);
static const char *last_part(const char *arn);
static bool is_proven(const struct visit *visit);
static const struct account_id *get_account(const struct visit *visit);
static const char *get_key(const struct visit *visit);

bool record_only_reads(const char *action)
{
	static const char *const beginnings[] = {"AssumeRole", "Describe", "Explain", "Get",
						 "List",       "Lookup",   "Simulate"};

	for (size_t i = 0; i < ARRAY_SIZE(beginnings); i++)
		if (strncmp(action, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

int record_note_request(struct visit *visit, const struct call *call)
{
	visit->row = call->action;
	record_append_resources(&visit->resources, &call->arguments);
	return record_append_request(&visit->parameters, call->action, visit->service,
				     &call->arguments);
}

int record_make(const struct visit *visit, const struct error_name *error, const char *message,
		int64_t now, struct event *ret_event)
{
	_cleanup_text_ struct text json = {}, answer = {}, resources = {};
	struct event event = {.account = *get_account(visit), .refused = error != NULL};

	event.read_only = record_only_reads(visit->action);
	random_uuid(event.id);
	(void)string_copy(event.name, sizeof(event.name), visit->action);
	(void)snprintf(event.source, sizeof(event.source), "%s.amazonaws.com",
		       visit->service->name);
	(void)string_copy(event.access_key, sizeof(event.access_key), get_key(visit));
	if (is_proven(visit))
		(void)string_copy(event.username, sizeof(event.username),
				  last_part(visit->key.caller.arn));
	text_append(&resources, visit->resources.data ? visit->resources.data : "");
	if (!error && (!event.read_only || visit->row->gives_keys))
		record_append_answer(&answer, &resources, visit->reply->body.data, visit->row,
				     visit->service);
	json_open(&json, NULL, '{');
	json_text(&json, "eventVersion", "1.08");
	write_identity(&json, visit);
	write_origin(&json, visit, now);
	write_error(&json, visit, error, message);
	write_part(&json, "requestParameters", &visit->parameters);
	write_part(&json, "responseElements", &answer);
	json_text(&json, "requestID", visit->request_id);
	json_text(&json, "eventID", event.id);
	json_boolean(&json, "readOnly", event.read_only);
	json_text(&json, "eventType", "AwsApiCall");
	json_boolean(&json, "managementEvent", true);
	json_text(&json, "recipientAccountId", event.account.text);
	json_text(&json, "eventCategory", "Management");
	json_close(&json, '}');
	if (answer.failed || visit->resources.failed || visit->parameters.failed)
		return -ENOMEM;
	event.resources = text_steal(&resources);
	event.record = text_steal(&json);
	if (!event.resources || !event.record) {
		event_fini(&event);
		return -ENOMEM;
	}
	*ret_event = event;
	return 0;
}

/* Of a wrong signature nobody knows who wrote it, only whose key it names. */
static void write_identity(struct text *json, const struct visit *visit)
{
	const struct caller *caller = &visit->key.caller;
	const bool role = strstr(caller->arn, ":assumed-role/") != NULL;
	const char *type = "Unknown";

	if (is_proven(visit))
		type = caller->kind == CALLER_HOST ? "Host" : role ? "AssumedRole" : "IAMUser";
	json_open(json, "userIdentity", '{');
	json_text(json, "type", type);
	if (is_proven(visit)) {
		json_text(json, "principalId", caller->user_id);
		json_text(json, "arn", caller->arn);
	}
	json_text(json, "accountId", get_account(visit)->text);
	json_text(json, "accessKeyId", get_key(visit));
	if (is_proven(visit) && !role)
		json_text(json, "userName", last_part(caller->arn));
	if (caller->session_began != 0)
		write_session(json, caller);
	json_close(json, '}');
}

/* "arn:aws:sts::123456789012:assumed-role/NAME/SESSION" */
static void write_session(struct text *json, const struct caller *caller)
{
	const char *role = strstr(caller->arn, ":assumed-role/");
	char began[TIMESTAMP_SIZE], name[IDENTITY_NAME_SIZE];

	json_open(json, "sessionContext", '{');
	if (role) {
		role += strlen(":assumed-role/");
		(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(role, "/"), role);
		json_open(json, "sessionIssuer", '{');
		json_text(json, "type", "Role");
		json_text(json, "principalId", caller->principal);
		json_text(json, "accountId", caller->account.text);
		json_text(json, "userName", name);
		json_close(json, '}');
	}
	timestamp_format(caller->session_began, began);
	json_open(json, "attributes", '{');
	json_text(json, "creationDate", began);
	json_text(json, "mfaAuthenticated", "false");
	json_close(json, '}');
	json_close(json, '}');
}

static void write_origin(struct text *json, const struct visit *visit, int64_t now)
{
	const char *agent = http_request_get_header(visit->request, "user-agent");
	char time[TIMESTAMP_SIZE], source[EVENT_SOURCE_SIZE], peer[ADDRESS_TEXT_SIZE] = "";
	char shown[AGENT_LENGTH_MAX + 1];

	timestamp_format(now, time);
	memcpy(strchr(time, '.'), "Z", 2); /* CloudTrail tells whole seconds. */
	(void)snprintf(source, sizeof(source), "%s.amazonaws.com", visit->service->name);
	if (visit->request->peer.family != 0)
		address_format(&visit->request->peer, peer);
	(void)snprintf(shown, sizeof(shown), "%s", agent ? agent : "");
	json_text(json, "eventTime", time);
	json_text(json, "eventSource", source);
	json_text(json, "eventName", visit->action);
	json_text(json, "awsRegion", control_get_region(visit->api->options.control));
	json_text(json, "sourceIPAddress", peer);
	json_text(json, "userAgent", shown);
}

/* EC2 says whose fault it was, the others do not; and to ask too fast is the client's, whatever its status. */
static void write_error(struct text *json, const struct visit *visit,
			const struct error_name *error, const char *message)
{
	const bool ours = error && error->status >= 500 && strcmp(error->name, TOO_FAST) != 0;
	char code[128];

	if (!error)
		return;
	(void)snprintf(code, sizeof(code), "%s%s",
		       visit->service->wraps_result ? ""
		       : ours                       ? "Server."
						    : "Client.",
		       error->name);
	json_text(json, "errorCode", code);
	json_text(json, "errorMessage", message);
}

static void write_part(struct text *json, const char *name, const struct text *part)
{
	if (part->length <= PART_LENGTH_MAX) {
		json_raw(json, name, part->data);
		return;
	}
	json_open(json, name, '{');
	json_boolean(json, "omitted", true);
	json_number(json, "originalSize", (int64_t)part->length);
	json_text(json, "reason", "It would make the record too large");
	json_close(json, '}');
}

static const char *last_part(const char *arn)
{
	const char *slash = strrchr(arn, '/');

	return slash ? slash + 1 : arn;
}

static bool is_proven(const struct visit *visit)
{
	return visit->key.caller.account.text[0] != '\0';
}

static const struct account_id *get_account(const struct visit *visit)
{
	return is_proven(visit) ? &visit->key.caller.account : &visit->claimed.account;
}

static const char *get_key(const struct visit *visit)
{
	return is_proven(visit) ? visit->key.id : visit->claimed.key;
}
