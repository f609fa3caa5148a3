// SPDX-License-Identifier: Apache-2.0
#include "control/session_take.h"

#include "base/count.h"
#include "base/text.h"
#include "control/find.h"
#include "control/session_options.h"
#include "control/values.h"

#include <string.h>

static int fields_check(const struct session_fields *fields, struct refusal *why);
static int numbers_take(const struct session_fields *fields, struct session *session,
			struct refusal *why);

int session_fields_require(const struct session_fields *fields, struct refusal *why)
{
	int64_t number;
	int r = text_require(fields->target, "TrafficMirrorTargetId", why);

	if (r == 0)
		r = text_require(fields->filter, "TrafficMirrorFilterId", why);
	if (r == 0)
		r = number_take(&fields->number, "SessionNumber", 1, SESSION_NUMBER_MAX, &number,
				why);
	return r;
}

int session_fields_take(struct control *control, const struct session_fields *fields,
			struct session *session, struct refusal *why)
{
	int r = fields_check(fields, why);

	if (r == 0 && fields->target)
		r = reference_take(fields->target, "TrafficMirrorTargetId", RESOURCE_TARGET,
				   &session->target, why);
	if (r == 0 && fields->filter)
		r = reference_take(fields->filter, "TrafficMirrorFilterId", RESOURCE_FILTER,
				   &session->filter, why);
	if (r == 0)
		r = numbers_take(fields, session, why);
	if (r == 0 && (fields->description || (fields->remove & SESSION_FIELD_DESCRIPTION))) {
		memset(session->description, 0, sizeof(session->description));
		r = description_take(fields->description, session->description, why);
	}
	return r == 0 ? options_take(control, fields->options, &session->options, why) : r;
}

int reference_take(const char *id, const char *what, enum resource_kind kind,
		   struct resource_id *ret_id, struct refusal *why)
{
	int r = text_require(id, what, why);

	if (r == 0)
		r = id_check(kind, id, why);
	if (r == 0) {
		*ret_id = (struct resource_id){};
		(void)string_copy(ret_id->text, sizeof(ret_id->text), id);
	}
	return r;
}

static int fields_check(const struct session_fields *fields, struct refusal *why)
{
	const struct {
		unsigned int field;
		bool set;
		const char *name;
	} rows[] = {
		{SESSION_FIELD_PACKET_LENGTH, fields->packet_length.set, "packet-length"},
		{SESSION_FIELD_DESCRIPTION, fields->description, "description"},
		{SESSION_FIELD_VNI, fields->vni.set, "virtual-network-id"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].set && (fields->remove & rows[i].field))
			return refuse(why, REFUSE_PARAMETER_COMBINATION,
				      "The field '%s' cannot be both set and removed",
				      rows[i].name);
	return 0;
}

static int numbers_take(const struct session_fields *fields, struct session *session,
			struct refusal *why)
{
	int64_t number = session->number, packet_length = session->packet_length;
	int64_t vni = session->vni;
	int r = 0;

	if (fields->number.set)
		r = number_take(&fields->number, "SessionNumber", 1, SESSION_NUMBER_MAX, &number,
				why);
	if (r == 0 && fields->packet_length.set)
		r = number_take(&fields->packet_length, "PacketLength", 1, PACKET_LENGTH_MAX,
				&packet_length, why);
	if (r == 0 && fields->vni.set)
		r = number_take(&fields->vni, "VirtualNetworkId", 0, VNI_MAX, &vni, why);
	if (fields->remove & SESSION_FIELD_PACKET_LENGTH)
		packet_length = 0;
	session->number = (uint16_t)number;
	session->packet_length = (uint16_t)packet_length;
	session->vni = (uint32_t)vni;
	return r;
}
