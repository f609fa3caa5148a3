// SPDX-License-Identifier: Apache-2.0
/* Access keys of an account's hosts.  Extension actions.  A key is issued, not created: clients take for granted that
 * whatever is created can be asked for again with a ClientToken, which a secret should not be. */
#include "control/host_key.h"

#include "api/call.h"

#include <string.h>

static const struct parameter dry_parameters[] = {DRY_RUN_PARAMETER};

static const struct parameter delete_parameters[] = {
	{"AccessKeyId", PARAMETER_TEXT, .required = true},
	DRY_RUN_PARAMETER,
};

static int create_key(struct call *call, struct refusal *why);
static int delete_key(struct call *call, struct refusal *why);
static int describe_keys(struct call *call, struct refusal *why);
static void write_key(struct call *call, const char *element, const struct key_record *key);

static const struct action actions[] = {
	ACTION("IssueTrafficMirrorHostKey", dry_parameters, create_key),
	ACTION("DeleteTrafficMirrorHostKey", delete_parameters, delete_key),
	ACTION("DescribeTrafficMirrorHostKeys", dry_parameters, describe_keys),
};

const struct action_table host_key_actions = {actions, ARRAY_SIZE(actions)};

static int create_key(struct call *call, struct refusal *why)
{
	struct key_record key = {};
	int r;

	r = control_create_host_key(call->control, call->caller, &key, why);
	if (r != 0)
		return r;
	write_key(call, "trafficMirrorHostKey", &key);
	explicit_bzero(&key, sizeof(key));
	return 0;
}

static int delete_key(struct call *call, struct refusal *why)
{
	int r;

	r = control_delete_host_key(call->control, call->caller, call_get_text(call, "AccessKeyId"),
				    why);
	if (r != 0)
		return r;
	call_write_done(call);
	return 0;
}

static int describe_keys(struct call *call, struct refusal *why)
{
	struct host_key_list list = {};
	int r;

	(void)why;
	r = control_list_host_keys(call->control, call->caller, &list);
	if (r != 0)
		return r;
	xml_open(call->xml, "trafficMirrorHostKeySet");
	for (size_t i = 0; i < list.count; i++)
		write_key(call, "item", &list.items[i]);
	xml_close(call->xml, "trafficMirrorHostKeySet");
	return 0;
}

static void write_key(struct call *call, const char *element, const struct key_record *key)
{
	xml_open(call->xml, element);
	xml_text(call->xml, "accessKeyId", key->id);
	xml_text_if_set(call->xml, "secretAccessKey", key->secret);
	xml_time(call->xml, "createTime", key->created);
	if (key->last_used != 0)
		xml_time(call->xml, "lastUseTime", key->last_used);
	xml_close(call->xml, element);
}
