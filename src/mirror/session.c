// SPDX-License-Identifier: Apache-2.0
#include "mirror/session.h"

#include "base/count.h"
#include "mirror/filter.h"
#include "mirror/refusals.h"
#include "mirror/tag.h"

#include <inttypes.h>
#include <string.h>

static const char *const encapsulation_names[] = {
	[ENCAPSULATION_VXLAN] = "vxlan",
	[ENCAPSULATION_GENEVE] = "geneve",
};

static bool options_equal(const struct session_options *a, const struct session_options *b);
static int outer_source_validate(const struct address *address, struct refusal *why);

const char *encapsulation_name(enum encapsulation encapsulation)
{
	return encapsulation_names[encapsulation];
}

bool encapsulation_parse(const char *name, enum encapsulation *ret_encapsulation)
{
	for (size_t i = 0; i < ARRAY_SIZE(encapsulation_names); i++) {
		if (strcmp(encapsulation_names[i], name) != 0)
			continue;
		*ret_encapsulation = (enum encapsulation)i;
		return true;
	}
	return false;
}

int session_validate(const struct session *session, struct refusal *why)
{
	if (session->number < 1 || session->number > SESSION_NUMBER_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The session number %u is not between 1 and %d", session->number,
			      SESSION_NUMBER_MAX);
	if (session->vni > VNI_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The virtual network id %u is not between 0 and %d", session->vni,
			      VNI_MAX);
	if (session->packet_length > PACKET_LENGTH_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The packet length %u is not between 1 and %d",
			      session->packet_length, PACKET_LENGTH_MAX);
	if (!text_is_presentable(session->description, DESCRIPTION_LENGTH_MAX))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The description is longer than %d characters, or not plain text",
			      DESCRIPTION_LENGTH_MAX);
	return session_options_validate(&session->options, why);
}

bool session_alike(const struct session *a, const struct session *b)
{
	return resource_id_equal(&a->filter, &b->filter) &&
	       resource_id_equal(&a->target, &b->target) && a->number == b->number &&
	       a->vni == b->vni && a->packet_length == b->packet_length &&
	       strcmp(a->description, b->description) == 0 &&
	       options_equal(&a->options, &b->options);
}

int session_options_validate(const struct session_options *options, struct refusal *why)
{
	const struct {
		const char *what;
		uint64_t value, minimum, maximum; /* 0 is always possible. */
	} rows[] = {
		{"packet sampling", options->packet_sampling, 1, SAMPLING_MAX},
		{"flow sampling", options->flow_sampling, 1, SAMPLING_MAX},
		{"cap of bits per second", options->bits_per_second, BITS_PER_SECOND_MIN,
		 BITS_PER_SECOND_MAX},
		{"cap of packets per second", options->packets_per_second, 1,
		 PACKETS_PER_SECOND_MAX},
		{"priority", options->priority, 1, SESSION_PRIORITY_MAX},
		{"outer DSCP", options->outer_dscp, 1, DSCP_MAX},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].value != 0 &&
		    (rows[i].value < rows[i].minimum || rows[i].value > rows[i].maximum))
			return refuse(why, REFUSE_PARAMETER_VALUE,
				      "The %s %" PRIu64 " is neither 0 nor between %" PRIu64
				      " and %" PRIu64,
				      rows[i].what, rows[i].value, rows[i].minimum,
				      rows[i].maximum);
	if (options->expires < 0)
		return refuse(why, REFUSE_PARAMETER_VALUE, "The end %" PRId64 " is before 1970",
			      options->expires);
	/* Flow sampling promises whole flows. */
	if (options->packet_sampling > 1 && options->flow_sampling > 1)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "A session samples packets (1 in %" PRIu32 ") or flows (1 in %" PRIu32
			      "), not both",
			      options->packet_sampling, options->flow_sampling);
	return outer_source_validate(&options->outer_source, why);
}

static bool options_equal(const struct session_options *a, const struct session_options *b)
{
	return a->packet_sampling == b->packet_sampling && a->flow_sampling == b->flow_sampling &&
	       a->bits_per_second == b->bits_per_second &&
	       a->packets_per_second == b->packets_per_second && a->priority == b->priority &&
	       a->paused == b->paused && a->continues == b->continues && a->expires == b->expires &&
	       a->encapsulation == b->encapsulation && a->outer_dscp == b->outer_dscp &&
	       a->outer_port == b->outer_port && address_equal(&a->outer_source, &b->outer_source);
}

/* Whether the host has the address is seen there; that nobody can have it is seen here. */
static int outer_source_validate(const struct address *address, struct refusal *why)
{
	static const struct address none = {};
	char text[ADDRESS_TEXT_SIZE];
	bool any = memcmp(address->bytes, none.bytes, sizeof(none.bytes)) == 0;
	/* IPv4 multicast and broadcast begin with 224 to 255, IPv6 multicast with 255. */
	bool group = address->bytes[0] >= (address->family == 4 ? 224 : 255);

	if (address->family == 0 || (!any && !group))
		return 0;
	address_format(address, text);
	return refuse(why, REFUSE_PARAMETER_VALUE, "The outer source address '%s' is no host's own",
		      text);
}
