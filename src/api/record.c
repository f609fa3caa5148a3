// SPDX-License-Identifier: Apache-2.0
#include "api/record.h"

#include "api/action.h"
#include "api/draft.h"
#include "api/json.h"
#include "api/record_part.h"
#include "base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TOO_FAST "RequestLimitExceeded"
#define PART_LENGTH_MAX \
	((size_t)16 << 10) /* CloudTrail leaves out what makes a record too large, too. */

static void write_identity(struct text *json, const struct draft *draft);
static void write_session(struct text *json, const struct caller *caller);
static void write_origin(struct text *json, const struct draft *draft, const char *region);
static void write_error(struct text *json, const struct draft *draft);
static void write_part(struct text *json, const char *name, const struct text *part);

bool record_only_reads(const char *action)
{
	static const char *const beginnings[] = {"AssumeRole", "Describe", "Explain", "Get",
						 "List",       "Lookup",   "Simulate"};

	for (size_t i = 0; i < ARRAY_SIZE(beginnings); i++)
		if (strncmp(action, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

int record_make(const struct draft *draft, const char *region, char **ret_record)
{
	_cleanup_text_ struct text json = {}, request = {};
	char *record;
	int r = 0;

	if (draft->row)
		r = record_append_request(&request, draft->row, draft->service, &draft->arguments);
	if (r < 0)
		return r;
	json_open(&json, NULL, '{');
	json_text(&json, "eventVersion", "1.08");
	write_identity(&json, draft);
	write_origin(&json, draft, region);
	write_error(&json, draft);
	write_part(&json, "requestParameters", &request);
	write_part(&json, "responseElements", &draft->answer);
	json_text(&json, "requestID", draft->request_id);
	json_text(&json, "eventID", draft->event.id);
	json_boolean(&json, "readOnly", draft->event.read_only);
	json_text(&json, "eventType", "AwsApiCall");
	json_boolean(&json, "managementEvent", true);
	json_text(&json, "recipientAccountId", draft->event.account.text);
	json_text(&json, "eventCategory", "Management");
	json_close(&json, '}');
	record = request.failed ? NULL : text_steal(&json);
	if (!record)
		return -ENOMEM;
	*ret_record = record;
	return 0;
}

/* Of a wrong signature nobody knows who wrote it, only whose key it names. */
static void write_identity(struct text *json, const struct draft *draft)
{
	const struct caller *caller = &draft->caller;
	const bool role = strstr(caller->arn, ":assumed-role/") != NULL;
	const bool proven = caller->account.text[0] != '\0';
	const char *type = "Unknown";

	if (proven)
		type = caller->kind == CALLER_HOST ? "Host" : role ? "AssumedRole" : "IAMUser";
	json_open(json, "userIdentity", '{');
	json_text(json, "type", type);
	if (proven) {
		json_text(json, "principalId", caller->user_id);
		json_text(json, "arn", caller->arn);
	}
	json_text(json, "accountId", draft->event.account.text);
	json_text(json, "accessKeyId", draft->event.access_key);
	if (proven && !role)
		json_text(json, "userName", draft->event.username);
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

static void write_origin(struct text *json, const struct draft *draft, const char *region)
{
	char time[TIMESTAMP_SIZE], peer[ADDRESS_TEXT_SIZE] = "";

	timestamp_format(draft->time, time);
	memcpy(strchr(time, '.'), "Z", 2); /* CloudTrail tells whole seconds. */
	if (draft->peer.family != 0)
		address_format(&draft->peer, peer);
	json_text(json, "eventTime", time);
	json_text(json, "eventSource", draft->event.source);
	json_text(json, "eventName", draft->event.name);
	json_text(json, "awsRegion", region);
	json_text(json, "sourceIPAddress", peer);
	json_text(json, "userAgent", draft->agent ? draft->agent : "");
}

/* EC2 says whose fault it was, the others do not; and to ask too fast is the client's, whatever its status. */
static void write_error(struct text *json, const struct draft *draft)
{
	const bool ours = draft->error && draft->status >= 500 &&
			  strcmp(draft->error, TOO_FAST) != 0;
	char code[128];

	if (!draft->error)
		return;
	(void)snprintf(code, sizeof(code), "%s%s",
		       draft->service->wraps_result ? ""
		       : ours                       ? "Server."
						    : "Client.",
		       draft->error);
	json_text(json, "errorCode", code);
	json_text(json, "errorMessage", draft->message);
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
