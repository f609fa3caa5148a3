// SPDX-License-Identifier: Apache-2.0
/* The report as it travels:
 *
 *	{"version": "0.1.0", "kernel": "6.1.0-18-amd64", "applied_revision": 7, "has_inventory": true,
 *	 "interfaces": [{"device": "eth0", "mac": "02:00:00:00:00:01", "mtu": 1500,
 *	                 "orientation": "host", "addresses": ["192.0.2.1"],
 *	                 "default_ipv4": true}],
 *	 "sessions":   [{"id": "tms-…", "epoch": "16 hexadecimal digits", "active": true, "reason": "",
 *	                 "counters": {"ingress": {"accepted": [PACKETS, BYTES], "shipped": […],
 *	                                          "truncated": […], "lost": {"ring_full": […]}},
 *	                              "egress": {…}}}]}
 *
 * and, once the program had to be put back on a device,
 *
 *	 "reattachments": {"count": 2, "last": MILLISECONDS, "device": "eth0", "reason": "…"}
 *
 * and, where the plan has fleets,
 *
 *	 "members": [{"fleet": "arn:…", "id": "192.0.2.9", "port": 4789, "state": "unhealthy", "reason": "Timeout"}],
 *	 "fleets":  [{"id": "arn:…", "flows": 1000, "moved": 3, "evicted": 0}]
 *
 * An interface is a "bridge", or the default route of a family goes its way ("default_ipv6"); what is left out is not so.
 * A report that is not "whole" leaves out sessions and members of which there is no news.
 * and, while members are drained that flows still go to,
 *
 *	 "holds":   [{"fleet": "arn:…", "id": "192.0.2.9", "port": 4789, "flows": 12}]
 *
 * Without an inventory there are no "interfaces", and any that came along would count for nothing.
 * A reason for loss that had no packet may be left out; one that the reader does not know is passed over. */
#include "mirror/report.h"

#include "base/cleanup.h"
#include "mirror/plan.h"
#include "mirror/record.h"
#include "mirror/refusals.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(REPORT_MEMBERS_MAX >= PLAN_MEMBERS_MAX && REPORT_FLEETS_MAX >= PLAN_FLEETS_MAX,
	       "a host can tell of all that it was given");

static const struct record_field *object_of(const struct report *report);
static int devices_check(const struct report *report, struct refusal *why);

static const char *state_text(unsigned int value);
static const char *reason_text(unsigned int value);

static const struct record_type mac_type, count_type, lost_type;

static const struct record_field address_item = {.key = "address", .type = &record_address};

static const struct record_field interface_fields[] = {
	FIELD(report_interface, device, record_text),
	FIELD(report_interface, mac, mac_type),
	FIELD(report_interface, mtu, record_number, .maximum = UINT32_MAX),
	FIELD(report_interface, orientation, record_name, .name = record_orientation_name,
	      .maximum = ORIENTATION_GUEST),
	FIELD(report_interface, addresses, record_list, .item = &address_item,
	      .item_size = sizeof(struct address), .maximum = SOURCE_ADDRESSES_MAX,
	      .count_offset = offsetof(struct report_interface, address_count)),
	FIELD(report_interface, default_ipv4, record_flag, .sparse = true),
	FIELD(report_interface, default_ipv6, record_flag, .sparse = true),
	FIELD(report_interface, bridge, record_flag, .sparse = true),
};

static const struct record_field direction_fields[] = {
	FIELD(session_direction_counters, accepted, count_type),
	FIELD(session_direction_counters, shipped, count_type),
	FIELD(session_direction_counters, truncated, count_type),
	FIELD(session_direction_counters, lost, lost_type),
};

static const struct record_field counters_fields[] = {
	{.key = "ingress",
	 .type = &record_object,
	 .offset = offsetof(struct session_counters, direction[DIRECTION_INGRESS]),
	 .fields = direction_fields,
	 .field_count = ARRAY_SIZE(direction_fields)},
	{.key = "egress",
	 .type = &record_object,
	 .offset = offsetof(struct session_counters, direction[DIRECTION_EGRESS]),
	 .fields = direction_fields,
	 .field_count = ARRAY_SIZE(direction_fields)},
};

static const struct record_field session_fields[] = {
	FIELD(report_session, id, record_id, .kind = RESOURCE_SESSION),
	FIELD(report_session, epoch, record_hexadecimal),
	FIELD(report_session, active, record_flag),
	FIELD(report_session, reason, record_text),
	FIELD(report_session, counters, record_object, .fields = counters_fields,
	      .field_count = ARRAY_SIZE(counters_fields)),
};

static const struct record_field reattachments_fields[] = {
	FIELD(report_reattachments, count, record_number, .sparse = true, .maximum = LLONG_MAX),
	FIELD(report_reattachments, last, record_number, .sparse = true, .maximum = LLONG_MAX),
	FIELD(report_reattachments, device, record_text, .sparse = true),
	FIELD(report_reattachments, reason, record_text, .sparse = true),
};

static const struct record_field member_fields[] = {
	FIELD(report_member, fleet, record_text),
	FIELD(report_member, id, record_text),
	FIELD(report_member, port, record_number, .maximum = UINT16_MAX),
	FIELD(report_member, state, record_name, .name = state_text, .maximum = MEMBER_UNHEALTHY),
	FIELD(report_member, reason, record_name, .sparse = true, .name = reason_text,
	      .maximum = MEMBER_RESPONSE_CODE_MISMATCH),
};

static const struct record_field fleet_fields[] = {
	FIELD(report_fleet, id, record_text),
	FIELD(report_fleet, flows, record_number, .maximum = REPORT_FLOWS_MAX),
	FIELD(report_fleet, moved, record_number, .maximum = REPORT_FLOWS_MAX),
	FIELD(report_fleet, evicted, record_number, .maximum = REPORT_FLOWS_MAX),
};

static const struct record_field hold_fields[] = {
	FIELD(report_hold, fleet, record_text),
	FIELD(report_hold, id, record_text),
	FIELD(report_hold, port, record_number, .maximum = UINT16_MAX),
	FIELD(report_hold, flows, record_number, .maximum = REPORT_FLOWS_MAX),
};

static const struct record_field interface_item = OBJECT(interface_fields);
static const struct record_field session_item = OBJECT(session_fields);
static const struct record_field member_item = OBJECT(member_fields);
static const struct record_field fleet_item = OBJECT(fleet_fields);
static const struct record_field hold_item = OBJECT(hold_fields);

static const struct record_field report_fields[] = {
	FIELD(report, version, record_text),
	FIELD(report, kernel, record_text),
	FIELD(report, applied_revision, record_number, .maximum = LLONG_MAX),
	FIELD(report, reattachments, record_object, .sparse = true, .fields = reattachments_fields,
	      .field_count = ARRAY_SIZE(reattachments_fields)),
	FIELD(report, whole, record_flag, .sparse = true),
	FIELD(report, has_inventory, record_flag),
	FIELD_LIST(report, sessions, session, session_item, REPORT_SESSIONS_MAX),
	FIELD_LIST(report, members, member, member_item, REPORT_MEMBERS_MAX, .sparse = true),
	FIELD_LIST(report, fleets, fleet, fleet_item, REPORT_FLEETS_MAX, .sparse = true),
	FIELD_LIST(report, holds, hold, hold_item, REPORT_MEMBERS_MAX, .sparse = true),
	/* The last, so that the table without inventory is this one less a row. */
	FIELD_LIST(report, interfaces, interface, interface_item, REPORT_INTERFACES_MAX),
};
static const struct record_field report_with_inventory = OBJECT(report_fields);
static const struct record_field report_without = {.type = &record_object,
						   .fields = report_fields,
						   .field_count = ARRAY_SIZE(report_fields) - 1};

static const struct record_field kind_fields[] = {FIELD(report, has_inventory, record_flag)};
static const struct record_field report_kind = OBJECT(kind_fields);

int report_encode(const struct report *report, char **ret_json)
{
	return record_write(object_of(report), report, ret_json);
}

int report_decode(const char *json, size_t size, struct report *ret_report, struct refusal *why)
{
	int r;

	*ret_report = (struct report){};
	r = record_read(&report_kind, "report", json, size, REPORT_SIZE_MAX, ret_report, why);
	if (r == 0)
		r = record_read(object_of(ret_report), "report", json, size, REPORT_SIZE_MAX,
				ret_report, why);
	return r != 0 ? r : devices_check(ret_report, why);
}

static const struct record_field *object_of(const struct report *report)
{
	return report->has_inventory ? &report_with_inventory : &report_without;
}

static const char *state_text(unsigned int value)
{
	return member_state_name((enum member_state)value);
}

static const char *reason_text(unsigned int value)
{
	return member_reason_name((enum member_reason)value);
}

#define MAC_TEXT_SIZE 18

static int mac_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	const uint8_t *mac = record_get_member(field, owner);

	*ret_json = json_sprintf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
				 mac[4], mac[5]);
	return *ret_json ? 0 : -ENOMEM;
}

static int mac_decode(const struct record_field *field, json_t *json, void *owner,
		      struct refusal *why)
{
	uint8_t *mac = record_member(field, owner);
	const char *text = json_string_value(json);

	if (!text || strlen(text) != MAC_TEXT_SIZE - 1)
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not a MAC address", field->key);
	for (size_t i = 0; i < 6; i++, text += 3) {
		if (strspn(text, "0123456789abcdef") != 2 || text[2] != (i < 5 ? ':' : '\0'))
			return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not a MAC address",
				      field->key);
		mac[i] = (uint8_t)strtoul(text, NULL, 16);
	}
	return 0;
}

static const struct record_type mac_type = {mac_encode, mac_decode};

static int count_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	const struct packet_count *count = record_get_member(field, owner);

	*ret_json = json_pack("[I,I]", (json_int_t)count->packets, (json_int_t)count->bytes);
	return *ret_json ? 0 : -ENOMEM;
}

static int count_decode(const struct record_field *field, json_t *json, void *owner,
			struct refusal *why)
{
	struct packet_count *count = record_member(field, owner);
	json_int_t packets, bytes;

	if (json_unpack(json, "[I,I!]", &packets, &bytes) < 0 || packets < 0 || bytes < 0)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "'%s' is not a pair of packets and bytes", field->key);
	*count = (struct packet_count){(__u64)packets, (__u64)bytes};
	return 0;
}

static const struct record_type count_type = {count_encode, count_decode};

/* The row for one reason within lost[]. */
static struct record_field lost_field(const struct record_field *field, enum loss_reason reason)
{
	return (struct record_field){.key = loss_reason_name(reason),
				     .type = &count_type,
				     .offset = field->offset + reason * sizeof(struct packet_count),
				     .size = sizeof(struct packet_count)};
}

static int lost_encode(const struct record_field *field, const void *owner, json_t **ret_json)
{
	json_auto_t *lost = json_object();

	if (!lost)
		return -ENOMEM;
	for (enum loss_reason reason = 0; reason < LOSS_REASON_COUNT; reason++) {
		struct record_field row = lost_field(field, reason);
		const struct packet_count *count = record_get_member(&row, owner);
		json_t *value = NULL;

		if (count->packets == 0 && count->bytes == 0)
			continue;
		if (count_encode(&row, owner, &value) < 0 ||
		    json_object_set_new(lost, row.key, value) < 0)
			return -ENOMEM;
	}
	*ret_json = TAKE_PTR(lost);
	return 0;
}

static int lost_decode(const struct record_field *field, json_t *json, void *owner,
		       struct refusal *why)
{
	if (!json_is_object(json))
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is not an object", field->key);
	for (enum loss_reason reason = 0; reason < LOSS_REASON_COUNT; reason++) {
		struct record_field row = lost_field(field, reason);
		json_t *value = json_object_get(json, row.key);
		int r = value ? count_decode(&row, value, owner, why) : 0;

		if (r != 0)
			return r;
	}
	return 0;
}

static const struct record_type lost_type = {lost_encode, lost_decode};

static int devices_check(const struct report *report, struct refusal *why)
{
	for (size_t i = 0; i < report->interface_count; i++)
		if (!device_name_valid(report->interfaces[i].device))
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "interfaces[%zu]: '%s' is not the name of a device", i,
				      report->interfaces[i].device);
	return 0;
}
