// SPDX-License-Identifier: Apache-2.0
/* How sessions and hosts are doing.  Extension actions: EC2 has nothing like them, so clients reach them by their plain
 * names and versions in the same protocol. */
#include "control/status.h"

#include "api/call.h"
#include "api/resource.h"
#include "control/host.h"
#include "control/host_key.h"

static const struct parameter session_parameters[] = {
	{"TrafficMirrorSessionId.N", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static const struct parameter host_parameters[] = {
	{"HostName.N", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static const struct parameter delete_parameters[] = {
	{"HostName", PARAMETER_TEXT, .required = true, .names = &host_resource},
	DRY_RUN_PARAMETER,
};

static int describe_session_status(struct call *call, struct refusal *why);
static int describe_hosts(struct call *call, struct refusal *why);
static int delete_host(struct call *call, struct refusal *why);
static void write_status(struct call *call, const struct session_status *status);
static void write_direction(struct call *call, const char *element,
			    const struct session_direction_counters *counters);
static void write_count(struct call *call, const char *element, const struct packet_count *count);
static void write_host(struct call *call, const struct host_status *host);
static void write_reattachments(struct call *call,
				const struct report_reattachments *reattachments);
static void write_key(struct call *call, const struct host_status *host);
static int revoke_host(struct call *call, struct refusal *why);

static const struct action actions[] = {
	ACTION("DescribeTrafficMirrorSessionStatus", session_parameters, describe_session_status),
	ACTION("DescribeTrafficMirrorHosts", host_parameters, describe_hosts),
	ACTION("DeleteTrafficMirrorHost", delete_parameters, delete_host),
	ACTION("RevokeTrafficMirrorHost", delete_parameters, revoke_host),
};

const struct action_table status_actions = {actions, ARRAY_SIZE(actions)};

static int describe_session_status(struct call *call, struct refusal *why)
{
	_cleanup_(session_status_page_fini) struct session_status_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "TrafficMirrorSessionId.N", &query, why);
	if (r != 0)
		return r;
	r = control_describe_session_status(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "trafficMirrorSessionStatusSet");
	for (size_t i = 0; i < page.count; i++)
		write_status(call, &page.items[i]);
	xml_close(call->xml, "trafficMirrorSessionStatusSet");
	call_write_next(call, page.next_token);
	return 0;
}

static int describe_hosts(struct call *call, struct refusal *why)
{
	_cleanup_(host_status_page_fini) struct host_status_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "HostName.N", &query, why);
	if (r != 0)
		return r;
	r = control_describe_hosts(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "trafficMirrorHostSet");
	for (size_t i = 0; i < page.count; i++)
		write_host(call, &page.items[i]);
	xml_close(call->xml, "trafficMirrorHostSet");
	call_write_next(call, page.next_token);
	return 0;
}

static int delete_host(struct call *call, struct refusal *why)
{
	int r;

	r = control_delete_host(call->control, call->caller, call_get_text(call, "HostName"), why);
	if (r != 0)
		return r;
	call_write_done(call);
	return 0;
}

static int revoke_host(struct call *call, struct refusal *why)
{
	int r;

	r = control_revoke_host(call->control, call->caller, call_get_text(call, "HostName"), why);
	if (r != 0)
		return r;
	call_write_done(call);
	return 0;
}

static void write_status(struct call *call, const struct session_status *status)
{
	xml_open(call->xml, "item");
	xml_text(call->xml, "trafficMirrorSessionId", status->session.text);
	xml_text(call->xml, "networkInterfaceId", status->source.text);
	xml_text_if_set(call->xml, "hostName", status->host);
	xml_text_if_set(call->xml, "deviceName", status->device);
	xml_text(call->xml, "state", session_state_name(status->state));
	xml_text_if_set(call->xml, "reason", status->reason);
	write_direction(call, "ingress", &status->counters.direction[DIRECTION_INGRESS]);
	write_direction(call, "egress", &status->counters.direction[DIRECTION_EGRESS]);
	xml_close(call->xml, "item");
}

/* Every reason is listed, also those that nothing was lost for, so that a reader learns which there are. */
static void write_direction(struct call *call, const char *element,
			    const struct session_direction_counters *counters)
{
	xml_open(call->xml, element);
	write_count(call, "accepted", &counters->accepted);
	write_count(call, "shipped", &counters->shipped);
	write_count(call, "truncated", &counters->truncated);
	xml_open(call->xml, "lostSet");
	for (size_t i = 0; i < LOSS_REASON_COUNT; i++) {
		xml_open(call->xml, "item");
		xml_text(call->xml, "reason", loss_reason_name((enum loss_reason)i));
		xml_count(call->xml, "packets", counters->lost[i].packets);
		xml_count(call->xml, "bytes", counters->lost[i].bytes);
		xml_close(call->xml, "item");
	}
	xml_close(call->xml, "lostSet");
	xml_close(call->xml, element);
}

static void write_count(struct call *call, const char *element, const struct packet_count *count)
{
	xml_open(call->xml, element);
	xml_count(call->xml, "packets", count->packets);
	xml_count(call->xml, "bytes", count->bytes);
	xml_close(call->xml, element);
}

static void write_host(struct call *call, const struct host_status *host)
{
	xml_open(call->xml, "item");
	xml_text(call->xml, "hostName", host->name);
	xml_text(call->xml, "instanceId", host->instance.text);
	xml_boolean(call->xml, "connected", host->connected);
	xml_text_if_set(call->xml, "agentVersion", host->agent_version);
	xml_text_if_set(call->xml, "kernelVersion", host->kernel);
	xml_time(call->xml, "firstReport", host->first_report);
	xml_time(call->xml, "lastReport", host->last_report);
	xml_count(call->xml, "wantedRevision", host->plan_revision);
	xml_count(call->xml, "appliedRevision", host->applied_revision);
	write_reattachments(call, &host->reattachments);
	write_key(call, host);
	xml_close(call->xml, "item");
}

static void write_reattachments(struct call *call, const struct report_reattachments *reattachments)
{
	xml_count(call->xml, "reattachments", reattachments->count);
	if (reattachments->last == 0)
		return;
	xml_open(call->xml, "lastReattachment");
	xml_time(call->xml, "time", reattachments->last);
	xml_text(call->xml, "deviceName", reattachments->device);
	xml_text(call->xml, "reason", reattachments->reason);
	xml_close(call->xml, "lastReattachment");
}

static void write_key(struct call *call, const struct host_status *host)
{
	xml_count(call->xml, "agentProtocol", (uint64_t)host->protocol);
	if (host->access_key[0] == '\0')
		return;
	xml_text(call->xml, "accessKeyId", host->access_key);
	xml_boolean(call->xml, "ownKey", host->own_key);
	xml_boolean(call->xml, "revoked", host->revoked);
	if (host->key_created != 0)
		xml_time(call->xml, "keyCreateTime", host->key_created);
}
