// SPDX-License-Identifier: Apache-2.0
/* IAM's access keys.  The secret is told once, to whoever makes the key. */
#include "api/access_key.h"

#include "api/iam.h"

#include <string.h>

#define KEY_PARAMETER                                                                          \
	{                                                                                      \
		"AccessKeyId", PARAMETER_TEXT, .required = true, .minimum = 16, .maximum = 128 \
	}

static const struct parameter user_parameters[] = {USER_OR_CALLER_PARAMETER};

static const struct parameter update_parameters[] = {
	USER_OR_CALLER_PARAMETER,
	KEY_PARAMETER,
	{"Status", PARAMETER_TEXT, .required = true, .words = "Active|Inactive"},
};

static const struct parameter delete_parameters[] = {USER_OR_CALLER_PARAMETER, KEY_PARAMETER};

static const struct parameter list_parameters[] = {USER_OR_CALLER_PARAMETER, MARKER_PARAMETERS};

static const struct parameter used_parameters[] = {KEY_PARAMETER};

static int create_key(struct call *call, struct refusal *why);
static int update_key(struct call *call, struct refusal *why);
static int delete_key(struct call *call, struct refusal *why);
static int list_keys(struct call *call, struct refusal *why);
static int get_last_used(struct call *call, struct refusal *why);

static const struct action actions[] = {
	ACTION("CreateAccessKey", user_parameters, create_key),
	ACTION("UpdateAccessKey", update_parameters, update_key),
	ACTION("DeleteAccessKey", delete_parameters, delete_key),
	ACTION("ListAccessKeys", list_parameters, list_keys),
	ACTION("GetAccessKeyLastUsed", used_parameters, get_last_used),
};

const struct action_table access_key_actions = {actions, ARRAY_SIZE(actions)};

void access_key_write(struct call *call, const char *element, const struct key_record *key)
{
	xml_open(call->xml, element);
	xml_text(call->xml, "UserName", key->user);
	xml_text(call->xml, "AccessKeyId", key->id);
	xml_text(call->xml, "Status", key->enabled ? "Active" : "Inactive");
	xml_text_if_set(call->xml, "SecretAccessKey", key->secret);
	xml_time(call->xml, "CreateDate", key->created);
	xml_close(call->xml, element);
}

static int create_key(struct call *call, struct refusal *why)
{
	struct key_record key = {};
	int r;

	r = control_create_key(call->control, call->caller, call_get_text(call, "UserName"), &key,
			       why);
	if (r != 0)
		return r;
	access_key_write(call, "AccessKey", &key);
	explicit_bzero(&key, sizeof(key));
	return 0;
}

static int update_key(struct call *call, struct refusal *why)
{
	bool enabled = strcmp(call_get_text(call, "Status"), "Active") == 0;

	return control_enable_key(call->control, call->caller, call_get_text(call, "UserName"),
				  call_get_text(call, "AccessKeyId"), enabled, why);
}

static int delete_key(struct call *call, struct refusal *why)
{
	return control_delete_key(call->control, call->caller, call_get_text(call, "UserName"),
				  call_get_text(call, "AccessKeyId"), why);
}

static int list_keys(struct call *call, struct refusal *why)
{
	_cleanup_(key_page_fini) struct key_page page = {};
	const struct query query = iam_get_query(call);
	int r;

	r = control_describe_keys(call->control, call->caller, call_get_text(call, "UserName"),
				  &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "AccessKeyMetadata");
	for (size_t i = 0; i < page.count; i++)
		access_key_write(call, "member", &page.items[i]);
	xml_close(call->xml, "AccessKeyMetadata");
	iam_write_page_end(call, page.next_token);
	return 0;
}

/* A key that was never used has no date, and "N/A" for the rest. */
static int get_last_used(struct call *call, struct refusal *why)
{
	struct key_record key = {};
	int r;

	r = control_get_key(call->control, call->caller, call_get_text(call, "AccessKeyId"), &key,
			    why);
	if (r != 0)
		return r;
	xml_text(call->xml, "UserName", key.user);
	xml_open(call->xml, "AccessKeyLastUsed");
	if (key.last_used != 0)
		xml_time(call->xml, "LastUsedDate", key.last_used);
	xml_text(call->xml, "ServiceName", key.last_used != 0 ? key.last_service : "N/A");
	xml_text(call->xml, "Region", key.last_used != 0 ? key.last_region : "N/A");
	xml_close(call->xml, "AccessKeyLastUsed");
	return 0;
}
