// SPDX-License-Identifier: Apache-2.0
/* Sessions, as the API shows them. */
#include "control/session.h"

#include "api/call.h"
#include "api/extension.h"
#include "api/resource.h"

static const struct parameter create_parameters[] = {
	{"NetworkInterfaceId", PARAMETER_TEXT, .required = true, .names = &interface_resource},
	{"TrafficMirrorTargetId", PARAMETER_TEXT, .required = true, .names = &target_resource},
	{"TrafficMirrorFilterId", PARAMETER_TEXT, .required = true, .names = &filter_resource},
	{"SessionNumber", PARAMETER_NUMBER, .required = true},
	{"PacketLength", PARAMETER_NUMBER},
	{"VirtualNetworkId", PARAMETER_NUMBER},
	DESCRIPTION_PARAMETER,
	SESSION_EXTENSION_PARAMETERS,
	TAG_PARAMETERS,
	DRY_RUN_PARAMETER,
	CLIENT_TOKEN_PARAMETER,
};

static const struct parameter modify_parameters[] = {
	{"TrafficMirrorSessionId", PARAMETER_TEXT, .required = true, .names = &session_resource},
	{"TrafficMirrorTargetId", PARAMETER_TEXT, .names = &target_resource},
	{"TrafficMirrorFilterId", PARAMETER_TEXT, .names = &filter_resource},
	{"SessionNumber", PARAMETER_NUMBER},
	{"PacketLength", PARAMETER_NUMBER},
	{"VirtualNetworkId", PARAMETER_NUMBER},
	DESCRIPTION_PARAMETER,
	SESSION_EXTENSION_PARAMETERS,
	{"RemoveField.N", PARAMETER_TEXT, .words = "packet-length|description|virtual-network-id"},
	DRY_RUN_PARAMETER,
};

static const struct removable_field removable[] = {
	{"packet-length", SESSION_FIELD_PACKET_LENGTH},
	{"description", SESSION_FIELD_DESCRIPTION},
	{"virtual-network-id", SESSION_FIELD_VNI},
};

static const struct parameter delete_parameters[] = {
	{"TrafficMirrorSessionId", PARAMETER_TEXT, .required = true, .names = &session_resource},
	DRY_RUN_PARAMETER,
};

static const struct parameter describe_parameters[] = {
	{"TrafficMirrorSessionId.N", PARAMETER_TEXT},
	FILTER_PARAMETERS,
	PAGE_PARAMETERS,
	EXTENSION_SHOW_PARAMETER,
	DRY_RUN_PARAMETER,
};

static int create_session(struct call *call, struct refusal *why);
static int modify_session(struct call *call, struct refusal *why);
static int delete_session(struct call *call, struct refusal *why);
static int describe_sessions(struct call *call, struct refusal *why);
static void write_session(struct call *call, const char *element,
			  const struct session_record *record);

static const struct action actions[] = {
	ACTION("CreateTrafficMirrorSession", create_parameters, create_session,
	       .creates = &session_resource),
	ACTION("ModifyTrafficMirrorSession", modify_parameters, modify_session, .changes = true),
	ACTION("DeleteTrafficMirrorSession", delete_parameters, delete_session),
	ACTION("DescribeTrafficMirrorSessions", describe_parameters, describe_sessions,
	       .steady = true),
};

const struct action_table session_actions = {actions, ARRAY_SIZE(actions)};

static int create_session(struct call *call, struct refusal *why)
{
	_cleanup_(session_record_fini) struct session_record record = {};
	struct session_wish wish = {
		.source = call_get_text(call, "NetworkInterfaceId"),
		.target = call_get_text(call, "TrafficMirrorTargetId"),
		.filter = call_get_text(call, "TrafficMirrorFilterId"),
		.number = call_get_number(call, "SessionNumber"),
		.packet_length = call_get_number(call, "PacketLength"),
		.vni = call_get_number(call, "VirtualNetworkId"),
		.description = call_get_text(call, "Description"),
		.options = extension_get_options(call),
		.once = call_get_once(call),
	};
	int r;

	r = call_get_tags(call, RESOURCE_SESSION, &wish.tags, &wish.tag_count, why);
	if (r != 0)
		return r;
	r = control_create_session(call->control, call->caller, &wish, &record, why);
	if (r != 0)
		return r;
	write_session(call, "trafficMirrorSession", &record);
	call_write_token(call);
	return 0;
}

static int modify_session(struct call *call, struct refusal *why)
{
	_cleanup_(session_record_fini) struct session_record record = {};
	const struct session_change change = {
		.session = call_get_text(call, "TrafficMirrorSessionId"),
		.target = call_get_text(call, "TrafficMirrorTargetId"),
		.filter = call_get_text(call, "TrafficMirrorFilterId"),
		.number = call_get_number(call, "SessionNumber"),
		.packet_length = call_get_number(call, "PacketLength"),
		.vni = call_get_number(call, "VirtualNetworkId"),
		.description = call_get_text(call, "Description"),
		.options = extension_get_options(call),
		.remove = call_get_removed(call, removable, ARRAY_SIZE(removable)),
	};
	int r;

	r = control_modify_session(call->control, call->caller, &change, &record, why);
	if (r != 0)
		return r;
	write_session(call, "trafficMirrorSession", &record);
	return 0;
}

static int delete_session(struct call *call, struct refusal *why)
{
	const char *id = call_get_text(call, "TrafficMirrorSessionId");
	int r;

	r = control_delete_session(call->control, call->caller, id, why);
	if (r != 0)
		return r;
	xml_text(call->xml, "trafficMirrorSessionId", id);
	return 0;
}

static int describe_sessions(struct call *call, struct refusal *why)
{
	_cleanup_(session_page_fini) struct session_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, "TrafficMirrorSessionId.N", &query, why);
	if (r != 0)
		return r;
	r = control_describe_sessions(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "trafficMirrorSessionSet");
	for (size_t i = 0; i < page.count; i++)
		write_session(call, "item", &page.items[i]);
	xml_close(call->xml, "trafficMirrorSessionSet");
	call_write_next(call, page.next_token);
	return 0;
}

static void write_session(struct call *call, const char *element,
			  const struct session_record *record)
{
	const struct session *session = &record->session;

	xml_open(call->xml, element);
	xml_text(call->xml, "trafficMirrorSessionId", session->id.text);
	xml_text(call->xml, "trafficMirrorTargetId", session->target.text);
	xml_text(call->xml, "trafficMirrorFilterId", session->filter.text);
	xml_text(call->xml, "networkInterfaceId", session->source.text);
	xml_text(call->xml, "ownerId", session->owner.text);
	if (session->packet_length != 0)
		xml_number(call->xml, "packetLength", session->packet_length);
	xml_number(call->xml, "sessionNumber", session->number);
	xml_number(call->xml, "virtualNetworkId", session->vni);
	xml_text_if_set(call->xml, "description", session->description);
	call_write_tags(call, &record->tags);
	extension_write_session(call, session);
	xml_close(call->xml, element);
}
