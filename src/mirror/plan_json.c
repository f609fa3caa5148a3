// SPDX-License-Identifier: Apache-2.0
/* The plan as it travels and as it lies on an agent's disk:
 *
 *	{"revision": 7, "resolvers": ["169.254.169.253"],
 *	 "sources":  [{"id": "eni-…", "device": "eth0", "orientation": "automatic"}],
 *	 "filters":  [{"id": "tmf-…", "services": ["amazon-dns"],
 *	               "rules": [{"id": "tmfr-…", "direction": "ingress", "number": 100,
 *	                          "action": "accept", "protocol": 6,
 *	                          "source": "0.0.0.0/0", "destination": "10.0.0.0/8",
 *	                          "source_ports": [1024, 65535], "destination_ports": [443, 443]}]}],
 *	 "targets":  [{"id": "tmt-…", "reachable": true, "address": "192.0.2.9", "port": 4789}],
 *	 "sessions": [{"id": "tms-…", "source": "eni-…", "filter": "tmf-…", "target": "tmt-…",
 *	               "number": 1, "vni": 77, "packet_length": 0,
 *	               "options": {"packet_sampling": 10, "paused": true, "encapsulation": "geneve"}}]}
 *
 * and, where a target is a load balancer,
 *
 *	 "sources":  [{…, "address": "192.0.2.1"}],
 *	 "targets":  [{"id": "tmt-…", "reachable": false, "port": 4789,
 *	               "gateway": {"endpoint": "16 hexadecimal digits", "attachment": "16 more", "address": "192.0.2.7"}}],
 *	 "fleets":   [fleet_json.c],
 *	 "sessions": [{…, "fleet": "arn:…"}, {…, "crowded_out": true}]
 *
 * Protocol -1 is any; ports left out are any, as are a rule's "tcp_flags" ("syn,!ack") and "dscp"; an unreachable target
 * has no address.  An option left out is as AWS has it (struct session_options). */
#include "mirror/plan.h"

#include "mirror/fleet_json.h"
#include "mirror/header_words.h"
#include "mirror/limits.h"
#include "mirror/record.h"
#include "mirror/refusals.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static const char *direction_text(unsigned int value);
static const char *action_text(unsigned int value);
static const char *encapsulation_text(unsigned int value);
static int filters_check(const struct plan *plan, struct refusal *why);
static int targets_check(const struct plan *plan, struct refusal *why);
static int gateway_check(const struct plan_target *target, struct refusal *why);
static int fleets_of_plan_check(const struct plan *plan, struct refusal *why);
static int sources_check(const struct plan *plan, struct refusal *why);
static int sessions_check(const struct plan *plan, struct refusal *why);
static int session_fleet_check(const struct plan *plan, const struct plan_session *session,
			       struct refusal *why);
static int ids_check(const struct plan *plan, struct refusal *why);

static const struct record_type services_type, ports_type, tcp_flags_type, dscp_type;

static const struct record_field source_fields[] = {
	FIELD(plan_source, id, record_id, .kind = RESOURCE_INTERFACE),
	FIELD(plan_source, device, record_text),
	FIELD(plan_source, orientation, record_name, .name = record_orientation_name,
	      .maximum = ORIENTATION_GUEST),
	FIELD(plan_source, address, record_address, .sparse = true),
};

static const struct record_field rule_fields[] = {
	FIELD(filter_rule, id, record_id, .kind = RESOURCE_FILTER_RULE),
	FIELD(filter_rule, direction, record_name, .name = direction_text,
	      .maximum = DIRECTION_EGRESS),
	FIELD(filter_rule, number, record_number, .minimum = 1, .maximum = RULE_NUMBER_MAX),
	FIELD(filter_rule, action, record_name, .name = action_text, .maximum = RULE_REJECT),
	FIELD(filter_rule, protocol, record_number, .minimum = PROTOCOL_ANY, .maximum = UINT8_MAX),
	FIELD(filter_rule, source, record_cidr),
	FIELD(filter_rule, destination, record_cidr),
	FIELD(filter_rule, source_ports, ports_type, .optional = true),
	FIELD(filter_rule, destination_ports, ports_type, .optional = true),
	FIELD(filter_rule, tcp_flags, tcp_flags_type, .sparse = true),
	FIELD(filter_rule, dscp, dscp_type, .sparse = true),
};
static const struct record_field rule_item = OBJECT(rule_fields);

static const struct record_field filter_fields[] = {
	FIELD(filter, id, record_id, .kind = RESOURCE_FILTER),
	FIELD(filter, services, services_type, .optional = true),
	FIELD_LIST(filter, rules, rule, rule_item, FILTER_RULES_MAX),
};

static const struct record_field gateway_fields[] = {
	FIELD(plan_gateway, endpoint, record_hexadecimal, .sparse = true),
	FIELD(plan_gateway, attachment, record_hexadecimal, .sparse = true),
	FIELD(plan_gateway, address, record_address, .sparse = true),
};

static const struct record_field target_fields[] = {
	FIELD(plan_target, id, record_id, .kind = RESOURCE_TARGET),
	FIELD(plan_target, reachable, record_flag),
	FIELD(plan_target, address, record_address, .optional = true),
	FIELD(plan_target, port, record_number, .maximum = UINT16_MAX),
	FIELD(plan_target, gateway, record_object, .sparse = true, .fields = gateway_fields,
	      .field_count = ARRAY_SIZE(gateway_fields)),
};

static const struct record_field option_fields[] = {
	FIELD(session_options, packet_sampling, record_number, .sparse = true,
	      .maximum = SAMPLING_MAX),
	FIELD(session_options, flow_sampling, record_number, .sparse = true,
	      .maximum = SAMPLING_MAX),
	FIELD(session_options, bits_per_second, record_number, .sparse = true,
	      .maximum = BITS_PER_SECOND_MAX),
	FIELD(session_options, packets_per_second, record_number, .sparse = true,
	      .maximum = PACKETS_PER_SECOND_MAX),
	FIELD(session_options, priority, record_number, .sparse = true,
	      .maximum = SESSION_PRIORITY_MAX),
	FIELD(session_options, paused, record_flag, .sparse = true),
	FIELD(session_options, continues, record_flag, .sparse = true),
	FIELD(session_options, expires, record_number, .sparse = true, .maximum = LLONG_MAX),
	FIELD(session_options, encapsulation, record_name, .sparse = true,
	      .name = encapsulation_text, .maximum = ENCAPSULATION_GENEVE),
	FIELD(session_options, outer_dscp, record_number, .sparse = true, .maximum = DSCP_MAX),
	FIELD(session_options, outer_port, record_number, .sparse = true, .maximum = UINT16_MAX),
	FIELD(session_options, outer_source, record_address, .sparse = true),
};

static const struct record_field session_fields[] = {
	FIELD(plan_session, id, record_id, .kind = RESOURCE_SESSION),
	FIELD(plan_session, source, record_id, .kind = RESOURCE_INTERFACE),
	FIELD(plan_session, filter, record_id, .kind = RESOURCE_FILTER),
	FIELD(plan_session, target, record_id, .kind = RESOURCE_TARGET),
	FIELD(plan_session, number, record_number, .minimum = 1, .maximum = SESSION_NUMBER_MAX),
	FIELD(plan_session, vni, record_number, .maximum = VNI_MAX),
	FIELD(plan_session, packet_length, record_number, .maximum = PACKET_LENGTH_MAX),
	FIELD(plan_session, fleet, record_text, .sparse = true),
	FIELD(plan_session, crowded_out, record_flag, .sparse = true),
	FIELD(plan_session, options, record_object, .sparse = true, .fields = option_fields,
	      .field_count = ARRAY_SIZE(option_fields)),
};

static const struct record_field resolver_item = {.key = "resolver", .type = &record_address};
static const struct record_field source_item = OBJECT(source_fields);
static const struct record_field filter_item = OBJECT(filter_fields);
static const struct record_field target_item = OBJECT(target_fields);
static const struct record_field session_item = OBJECT(session_fields);

static const struct record_field plan_fields[] = {
	FIELD(plan, revision, record_number, .maximum = LLONG_MAX),
	FIELD_LIST(plan, resolvers, resolver, resolver_item, PLAN_RESOLVERS_MAX),
	FIELD_LIST(plan, sources, source, source_item, PLAN_SOURCES_MAX),
	FIELD_LIST(plan, filters, filter, filter_item, PLAN_FILTERS_MAX),
	FIELD_LIST(plan, targets, target, target_item, PLAN_TARGETS_MAX),
	FIELD_LIST(plan, fleets, fleet, fleet_item, PLAN_FLEETS_MAX, .sparse = true),
	FIELD_LIST(plan, sessions, session, session_item, PLAN_SESSIONS_MAX),
};
static const struct record_field plan_object = OBJECT(plan_fields);

int plan_encode(const struct plan *plan, char **ret_json)
{
	return record_write(&plan_object, plan, ret_json);
}

int plan_decode(const char *json, size_t size, struct plan **ret_plan, struct refusal *why)
{
	static int (*const checks[])(const struct plan *plan, struct refusal *why) = {
		ids_check,     filters_check, fleets_of_plan_check,
		targets_check, sources_check, sessions_check,
	};
	_cleanup_(plan_freep) struct plan *plan = calloc(1, sizeof(*plan));
	int r;

	if (!plan)
		return -ENOMEM;
	r = record_read(&plan_object, "plan", json, size, PLAN_SIZE_MAX, plan, why);
	if (r != 0)
		return r;
	plan_sort(plan);
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		r = checks[i](plan, why);
		if (r != 0)
			return r;
	}
	*ret_plan = TAKE_PTR(plan);
	return 0;
}

static const char *direction_text(unsigned int value)
{
	return direction_name((enum direction)value);
}

static const char *action_text(unsigned int value)
{
	return rule_action_name((enum rule_action)value);
}

static const char *encapsulation_text(unsigned int value)
{
	return encapsulation_name((enum encapsulation)value);
}

static int ports_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	const struct port_range *ports = record_get_member(field, owner);

	if (!ports->set)
		return 0;
	*ret_json = json_pack("[i,i]", ports->from, ports->to);
	return *ret_json ? 0 : -ENOMEM;
}

static int ports_decode(const struct record_field *field, json_t *json, void *owner,
			struct refusal *why)
{
	struct port_range *ports = record_member(field, owner);
	json_int_t from, to;

	if (json_unpack(json, "[I,I!]", &from, &to) < 0 || from < 0 || to > UINT16_MAX || from > to)
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not a pair of ports",
			      field->key);
	*ports = (struct port_range){.set = true, .from = (uint16_t)from, .to = (uint16_t)to};
	return 0;
}

static const struct record_type ports_type = {ports_encode, ports_decode};

static int tcp_flags_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	char text[TCP_FLAGS_TEXT_SIZE];

	tcp_flags_format(record_get_member(field, owner), text);
	*ret_json = json_string(text);
	return *ret_json ? 0 : -ENOMEM;
}

static int tcp_flags_decode(const struct record_field *field, json_t *json, void *owner,
			    struct refusal *why)
{
	const char *text = json_string_value(json);

	if (!text || !tcp_flags_parse(text, record_member(field, owner)))
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not TCP flags", field->key);
	return 0;
}

static const struct record_type tcp_flags_type = {tcp_flags_encode, tcp_flags_decode};

static int dscp_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	const struct dscp_match *dscp = record_get_member(field, owner);

	*ret_json = json_integer(dscp->value);
	return *ret_json ? 0 : -ENOMEM;
}

static int dscp_decode(const struct record_field *field, json_t *json, void *owner,
		       struct refusal *why)
{
	struct dscp_match *dscp = record_member(field, owner);
	json_int_t value = json_is_integer(json) ? json_integer_value(json) : -1;

	if (value < 0 || value > DSCP_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not between 0 and %d",
			      field->key, DSCP_MAX);
	*dscp = (struct dscp_match){.set = true, .value = (uint8_t)value};
	return 0;
}

static const struct record_type dscp_type = {dscp_encode, dscp_decode};

#define SERVICE_NAME "amazon-dns"

static int services_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	const unsigned int *services = record_get_member(field, owner);

	*ret_json = *services & SERVICE_AMAZON_DNS ? json_pack("[s]", SERVICE_NAME) : json_array();
	return *ret_json ? 0 : -ENOMEM;
}

/* A service that this version does not know is passed over, like an unknown key. */
static int services_decode(const struct record_field *field, json_t *json, void *owner,
			   struct refusal *why)
{
	unsigned int *services = record_member(field, owner);
	size_t index;
	json_t *name;

	if (!json_is_array(json))
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not a list", field->key);
	json_array_foreach (json, index, name) {
		if (!json_is_string(name))
			return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' holds more than names",
				      field->key);
		if (strcmp(json_string_value(name), SERVICE_NAME) == 0)
			*services |= SERVICE_AMAZON_DNS;
	}
	return 0;
}

static const struct record_type services_type = {services_encode, services_decode};

static int id_compare(const void *a, const void *b)
{
	const struct resource_id *left = a, *right = b;

	return strcmp(left->text, right->text);
}

/* All ids of a plan, sorted: kinds differ in their prefix, so one look finds a repeated one of any kind. */
static int ids_check(const struct plan *plan, struct refusal *why)
{
	_cleanup_free_ struct resource_id *ids = NULL;
	size_t count = 0;

	ids = calloc(plan->source_count + plan->filter_count + plan->target_count +
			     plan->session_count + 1,
		     sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	for (size_t i = 0; i < plan->source_count; i++)
		ids[count++] = plan->sources[i].id;
	for (size_t i = 0; i < plan->filter_count; i++)
		ids[count++] = plan->filters[i].id;
	for (size_t i = 0; i < plan->target_count; i++)
		ids[count++] = plan->targets[i].id;
	for (size_t i = 0; i < plan->session_count; i++)
		ids[count++] = plan->sessions[i].id;
	qsort(ids, count, sizeof(*ids), id_compare);
	for (size_t i = 1; i < count; i++)
		if (resource_id_equal(&ids[i - 1], &ids[i]))
			return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' occurs twice",
				      ids[i].text);
	return 0;
}

static int filters_check(const struct plan *plan, struct refusal *why)
{
	for (size_t i = 0; i < plan->filter_count; i++) {
		const struct filter *filter = &plan->filters[i];

		for (size_t j = 0; j < filter->rule_count; j++) {
			int r = filter_rule_validate(&filter->rules[j], why);

			if (r != 0)
				return r;
			if (j > 0 &&
			    filter_rule_compare(&filter->rules[j - 1], &filter->rules[j]) == 0)
				return refuse(why, REFUSE_PARAMETER_VALUE,
					      "Filter '%s' has two %s rules %u", filter->id.text,
					      direction_name(filter->rules[j].direction),
					      filter->rules[j].number);
		}
	}
	return 0;
}

static int targets_check(const struct plan *plan, struct refusal *why)
{
	for (size_t i = 0; i < plan->target_count; i++) {
		const struct plan_target *target = &plan->targets[i];

		if (target->reachable && (target->address.family == 0 || target->port == 0))
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "Target '%s' is reachable, but has no address or port",
				      target->id.text);
		if (gateway_check(target, why) != 0)
			return REFUSED;
	}
	return 0;
}

static int gateway_check(const struct plan_target *target, struct refusal *why)
{
	if (target->gateway.endpoint == 0)
		return 0;
	if (target->reachable)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Target '%s' is reachable, but stands for a gateway",
			      target->id.text);
	if (target->gateway.address.family != 4)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The endpoint of target '%s' has no IPv4 address", target->id.text);
	return 0;
}

/* Members take memory, checks and places in the kernel's tables, so all fleets have to share a number of them. */
static int fleets_of_plan_check(const struct plan *plan, struct refusal *why)
{
	size_t members = 0;

	for (size_t i = 0; i < plan->fleet_count; i++)
		members += plan->fleets[i].member_count;
	if (members > PLAN_MEMBERS_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The fleets have %zu members together, and may have %d", members,
			      PLAN_MEMBERS_MAX);
	return fleets_check(plan->fleets, plan->fleet_count, why);
}

static int sources_check(const struct plan *plan, struct refusal *why)
{
	for (size_t i = 0; i < plan->source_count; i++)
		if (!device_name_valid(plan->sources[i].device))
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "Source '%s': '%s' is not the name of a device",
				      plan->sources[i].id.text, plan->sources[i].device);
	return 0;
}

static int sessions_check(const struct plan *plan, struct refusal *why)
{
	size_t of_source = 0;

	for (size_t i = 0; i < plan->session_count; i++) {
		const struct plan_session *session = &plan->sessions[i], *last = session - 1;
		int r;

		if (!plan_find_source(plan, &session->source) ||
		    !plan_find_filter(plan, &session->filter) ||
		    !plan_find_target(plan, &session->target))
			return refuse(
				why, REFUSE_PARAMETER_VALUE,
				"Session '%s' names a source, filter or target that the plan lacks",
				session->id.text);
		r = session_fleet_check(plan, session, why);
		if (r == 0)
			r = session_options_validate(&session->options, why);
		if (r != 0)
			return r;
		if (i == 0 || !resource_id_equal(&last->source, &session->source))
			of_source = 0;
		else if (last->number == session->number)
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "Source '%s' has two sessions of number %u",
				      session->source.text, session->number);
		if (++of_source > SOURCE_SESSIONS_MAX)
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "Source '%s' has more than %d sessions", session->source.text,
				      SOURCE_SESSIONS_MAX);
	}
	return 0;
}

/* A target that has an address of its own would take all copies past the fleet. */
static int session_fleet_check(const struct plan *plan, const struct plan_session *session,
			       struct refusal *why)
{
	if (session->fleet[0] == '\0')
		return 0;
	if (session->crowded_out)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Session '%s' has a fleet, and is said to have no room for one",
			      session->id.text);
	if (!plan_find_fleet(plan, session->fleet))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Session '%s' names a fleet that the plan lacks: '%s'",
			      session->id.text, session->fleet);
	if (plan_find_target(plan, &session->target)->reachable)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "Target '%s' is reachable, but session '%s' sends to a fleet",
			      session->target.text, session->id.text);
	return 0;
}
