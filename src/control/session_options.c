// SPDX-License-Identifier: Apache-2.0
#include "control/session_options.h"

#include "base/clock.h"
#include "base/count.h"
#include "control/resolve.h"
#include "control/state.h"
#include "control/values.h"
#include "mirror/header_words.h"
#include "wire/vxlan.h"

#include <string.h>

static int numbers_take(const struct options_wish *wish, struct session_options *options,
			struct refusal *why);
static int end_take(struct control *control, const struct options_wish *wish, int64_t *ret_expires,
		    struct refusal *why);
static int outer_take(const struct options_wish *wish, struct session_options *options,
		      struct refusal *why);
static int refuse_value(struct refusal *why, const char *value, const char *parameter,
			const char *expected);

int options_take(struct control *control, const struct options_wish *wish,
		 struct session_options *options, struct refusal *why)
{
	int r;

	r = numbers_take(wish, options, why);
	if (r == 0)
		r = end_take(control, wish, &options->expires, why);
	if (r == 0)
		r = outer_take(wish, options, why);
	return r;
}

int options_check_target(struct control *control, const struct session *session,
			 struct refusal *why)
{
	const struct session_options *options = &session->options;
	const struct address *outer_source = &options->outer_source;
	char from[ADDRESS_TEXT_SIZE], to[ADDRESS_TEXT_SIZE];
	struct resolution resolution;
	int r;

	if (outer_source->family == 0 && options->outer_port == 0 &&
	    options->encapsulation == ENCAPSULATION_VXLAN)
		return 0;
	r = session_resolve(control, session->target.text, options, NULL, &resolution);
	if (r < 0)
		return r;
	if (resolution.type == TARGET_GATEWAY_LOAD_BALANCER_ENDPOINT &&
	    (options->outer_port != 0 || options->encapsulation != ENCAPSULATION_VXLAN))
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "Copies to the Gateway Load Balancer endpoint of '%s' are VXLAN to "
			      "port %d, inside of GENEVE: Extension.Encapsulation and "
			      "Extension.OuterDestinationPort cannot be given",
			      session->target.text, VXLAN_PORT);
	if (outer_source->family == 0 || !resolution.target.reachable ||
	    resolution.target.address.family == outer_source->family)
		return r;
	address_format(outer_source, from);
	address_format(&resolution.target.address, to);
	return refuse(why, REFUSE_PARAMETER_COMBINATION,
		      "Value (%s) for parameter Extension.OuterSourceAddress is not of the address "
		      "family of the target's address %s",
		      from, to);
}

static int numbers_take(const struct options_wish *wish, struct session_options *options,
			struct refusal *why)
{
	int64_t packet_sampling = options->packet_sampling, flow_sampling = options->flow_sampling;
	int64_t bits = (int64_t)options->bits_per_second;
	int64_t packets = (int64_t)options->packets_per_second;
	int64_t priority = options->priority, paused = options->paused;
	int64_t continues = options->continues, port = options->outer_port;
	const struct {
		const struct optional_number *given;
		const char *name;
		int64_t maximum, *value;
	} rows[] = {
		{&wish->packet_sampling, "Extension.PacketSampling", SAMPLING_MAX,
		 &packet_sampling},
		{&wish->flow_sampling, "Extension.FlowSampling", SAMPLING_MAX, &flow_sampling},
		{&wish->bits_per_second, "Extension.MaxBitsPerSecond", BITS_PER_SECOND_MAX, &bits},
		{&wish->packets_per_second, "Extension.MaxPacketsPerSecond", PACKETS_PER_SECOND_MAX,
		 &packets},
		{&wish->priority, "Extension.Priority", SESSION_PRIORITY_MAX, &priority},
		{&wish->paused, "Extension.Paused", 1, &paused},
		{&wish->continues, "Extension.Continue", 1, &continues},
		{&wish->outer_port, "Extension.OuterDestinationPort", UINT16_MAX, &port},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(rows); i++)
		if (rows[i].given->set)
			r = number_take(rows[i].given, rows[i].name, 0, rows[i].maximum,
					rows[i].value, why);
	options->packet_sampling = (uint32_t)packet_sampling;
	options->flow_sampling = (uint32_t)flow_sampling;
	options->bits_per_second = (uint64_t)bits;
	options->packets_per_second = (uint64_t)packets;
	options->priority = (uint8_t)priority;
	options->paused = paused != 0;
	options->continues = continues != 0;
	options->outer_port = (uint16_t)port;
	return r;
}

static int end_take(struct control *control, const struct options_wish *wish, int64_t *ret_expires,
		    struct refusal *why)
{
	const char *time = wish->expiration_time;
	int64_t now = control_now(control), duration, end;
	int r;

	if (time && wish->duration.set)
		return refuse(why, REFUSE_PARAMETER_COMBINATION,
			      "Only one of the parameters Extension.ExpirationTime and "
			      "Extension.DurationSeconds can be given");
	if (wish->duration.set) {
		r = number_take(&wish->duration, "Extension.DurationSeconds", 1, DURATION_MAX,
				&duration, why);
		if (r == 0)
			*ret_expires = now / 1000 + duration;
		return r;
	}
	if (!time)
		return 0;
	if (time[0] == '\0' || strcmp(time, "never") == 0) {
		*ret_expires = 0;
		return 0;
	}
	if (!timestamp_parse(time, &end))
		return refuse_value(why, time, "Extension.ExpirationTime",
				    "a time of UTC as 2026-01-02T03:04:05Z, or never");
	if (end <= now)
		return refuse_value(why, time, "Extension.ExpirationTime",
				    "a time that is not past");
	*ret_expires = end / 1000;
	return 0;
}

/* What the packets to the appliance look like from outside. */
static int outer_take(const struct options_wish *wish, struct session_options *options,
		      struct refusal *why)
{
	const char *source = wish->outer_source, *dscp = wish->outer_dscp;

	if (wish->encapsulation &&
	    !encapsulation_parse(wish->encapsulation, &options->encapsulation))
		return refuse_value(why, wish->encapsulation, "Extension.Encapsulation",
				    "vxlan or geneve");
	if (dscp && dscp[0] == '\0')
		options->outer_dscp = 0;
	else if (dscp && !dscp_parse(dscp, &options->outer_dscp))
		return refuse_value(why, dscp, "Extension.OuterDscp",
				    "a number from 0 to 63, or a name such as cs1, af41, ef");
	if (source && source[0] == '\0')
		options->outer_source = (struct address){};
	else if (source && !address_parse(source, &options->outer_source))
		return refuse_value(why, source, "Extension.OuterSourceAddress", "an IP address");
	return 0;
}

static int refuse_value(struct refusal *why, const char *value, const char *parameter,
			const char *expected)
{
	return refuse(why, REFUSE_PARAMETER_VALUE,
		      "Value (%.100s) for parameter %s is invalid. Expecting %s", value, parameter,
		      expected);
}
