// SPDX-License-Identifier: Apache-2.0
/* What is registered with target groups and how it does, as the API shows it.  AWS's word for it is "target". */
#include "control/member.h"

#include "api/elb.h"
#include "api/extension.h"
#include "control/site.h"

#include <errno.h>
#include <stdlib.h>

/* clang-format off */
#define GROUP_PARAMETER \
	{"TargetGroupArn", PARAMETER_TEXT, .required = true, .names = &group_resource}
#define TARGET_PARAMETERS(is_required) \
	{"Targets.member.N.Id", PARAMETER_TEXT, .required = (is_required)}, \
	{"Targets.member.N.Port", PARAMETER_NUMBER, .minimum = 1, .maximum = UINT16_MAX}, \
	{"Targets.member.N.AvailabilityZone", PARAMETER_TEXT}, \
	{"Targets.member.N.QuicServerId", PARAMETER_TEXT}
/* clang-format on */

static const struct parameter register_parameters[] = {
	GROUP_PARAMETER,
	TARGET_PARAMETERS(true),
	{"Targets.member.N.Extension.Weight", PARAMETER_NUMBER, .minimum = 1,
	 .maximum = FLEET_WEIGHT_MAX},
};

static const struct parameter deregister_parameters[] = {GROUP_PARAMETER, TARGET_PARAMETERS(true)};

static const struct parameter health_parameters[] = {
	{"TargetGroupArn", PARAMETER_TEXT, .required = true},
	TARGET_PARAMETERS(false),
	{"Include.member.N", PARAMETER_TEXT, .words = "AnomalyDetection|All"},
	EXTENSION_SHOW_PARAMETER,
};

struct member_wishes {
	struct member_wish *items;
	size_t count;
};

static int register_targets(struct call *call, struct refusal *why);
static int deregister_targets(struct call *call, struct refusal *why);
static int describe_health(struct call *call, struct refusal *why);
static void member_wishes_fini(struct member_wishes *wishes);
static int get_members(const struct call *call, struct member_wishes *ret_wishes,
		       struct refusal *why);
static int add_field(const struct call *call, struct member_wishes *wishes,
		     const struct argument *ids, const char *name,
		     void (*set)(struct member_wish *wish, const struct argument *argument),
		     struct refusal *why);
static void set_port(struct member_wish *wish, const struct argument *argument);
static void set_weight(struct member_wish *wish, const struct argument *argument);
static void set_zone(struct member_wish *wish, const struct argument *argument);
static void write_health(struct call *call, const struct member_record *record);

static const struct action actions[] = {
	ACTION("RegisterTargets", register_parameters, register_targets),
	ACTION("DeregisterTargets", deregister_parameters, deregister_targets),
	ACTION("DescribeTargetHealth", health_parameters, describe_health),
};

const struct action_table member_actions = {actions, ARRAY_SIZE(actions)};

static int register_targets(struct call *call, struct refusal *why)
{
	_cleanup_(member_wishes_fini) struct member_wishes wishes = {};
	int r = get_members(call, &wishes, why);

	if (r != 0)
		return r;
	return control_register_members(call->control, call->caller,
					call_get_text(call, "TargetGroupArn"), wishes.items,
					wishes.count, why);
}

static int deregister_targets(struct call *call, struct refusal *why)
{
	_cleanup_(member_wishes_fini) struct member_wishes wishes = {};
	int r = get_members(call, &wishes, why);

	if (r != 0)
		return r;
	return control_deregister_members(call->control, call->caller,
					  call_get_text(call, "TargetGroupArn"), wishes.items,
					  wishes.count, why);
}

/* No target here has anomalies, whatever is to be included. */
static int describe_health(struct call *call, struct refusal *why)
{
	_cleanup_(member_wishes_fini) struct member_wishes wishes = {};
	_cleanup_(member_list_fini) struct member_list list = {};
	int r;

	r = get_members(call, &wishes, why);
	if (r == 0)
		r = control_describe_members(call->control, call->caller,
					     call_get_text(call, "TargetGroupArn"), wishes.items,
					     wishes.count, &list, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "TargetHealthDescriptions");
	for (size_t i = 0; i < list.count; i++)
		write_health(call, &list.items[i]);
	xml_close(call->xml, "TargetHealthDescriptions");
	return 0;
}

static void member_wishes_fini(struct member_wishes *wishes)
{
	free(wishes->items);
}

static int get_members(const struct call *call, struct member_wishes *ret_wishes,
		       struct refusal *why)
{
	const struct argument *ids;
	struct member_wishes wishes = {};
	size_t foreign;
	int r;

	(void)arguments_get_list(&call->arguments, "Targets.member.N.QuicServerId", &foreign);
	if (foreign > 0)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "QuicServerId cannot be specified for target groups with protocols "
			      "UDP, TCP_UDP and GENEVE");
	ids = arguments_get_list(&call->arguments, "Targets.member.N.Id", &wishes.count);
	wishes.items = calloc(wishes.count + 1, sizeof(*wishes.items));
	if (!wishes.items)
		return -ENOMEM;
	for (size_t i = 0; i < wishes.count; i++)
		wishes.items[i].id = ids[i].value;
	r = add_field(call, &wishes, ids, "Targets.member.N.Port", set_port, why);
	if (r == 0)
		r = add_field(call, &wishes, ids, "Targets.member.N.AvailabilityZone", set_zone,
			      why);
	if (r == 0)
		r = add_field(call, &wishes, ids, "Targets.member.N.Extension.Weight", set_weight,
			      why);
	*ret_wishes = wishes;
	return r;
}

/* Both lists are in the order of their indexes. */
static int add_field(const struct call *call, struct member_wishes *wishes,
		     const struct argument *ids, const char *name,
		     void (*set)(struct member_wish *wish, const struct argument *argument),
		     struct refusal *why)
{
	const struct argument *values;
	size_t count, j = 0;

	values = arguments_get_list(&call->arguments, name, &count);
	for (size_t i = 0; i < count; i++) {
		while (j < wishes->count && ids[j].index[0] < values[i].index[0])
			j++;
		if (j == wishes->count || ids[j].index[0] != values[i].index[0])
			return refuse(why, REFUSE_PARAMETER_MISSING,
				      "The request must contain the parameter Targets.member.%u.Id",
				      values[i].index[0]);
		set(&wishes->items[j], &values[i]);
	}
	return 0;
}

static void set_port(struct member_wish *wish, const struct argument *argument)
{
	wish->port = (struct optional_number){true, argument->number};
}

static void set_weight(struct member_wish *wish, const struct argument *argument)
{
	wish->weight = (struct optional_number){true, argument->number};
}

static void set_zone(struct member_wish *wish, const struct argument *argument)
{
	wish->zone = argument->value;
}

static void write_health(struct call *call, const struct member_record *record)
{
	const struct site site = control_get_site(call->control, call->caller);
	const struct member *member = &record->member;
	struct text *xml = call->xml;

	xml_open(xml, "member");
	xml_open(xml, "Target");
	xml_text(xml, "Id", member->id);
	xml_number(xml, "Port", member->port);
	xml_text(xml, "AvailabilityZone", member->any_zone ? "all" : site.zone);
	xml_close(xml, "Target");
	xml_number(xml, "HealthCheckPort", record->check_port);
	xml_open(xml, "TargetHealth");
	xml_text(xml, "State", record->health.state);
	xml_text_if_set(xml, "Reason", record->health.reason);
	xml_text_if_set(xml, "Description", record->health.description);
	xml_close(xml, "TargetHealth");
	if (extension_is_wanted(call) && member->weight > 0) {
		xml_open(xml, "Extension");
		xml_number(xml, "Weight", member->weight);
		xml_close(xml, "Extension");
	}
	xml_close(xml, "member");
}
