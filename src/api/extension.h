/* What requests about sessions and rules can say beyond AWS's, all of it named "Extension.…", and the element <extension>
 * that answers them.
 *
 * Only a request that uses a parameter of these sees the element: clients made for AWS meet nothing that they do not
 * know. */
#pragma once

#include "api/parameter.h"
#include "control/filter.h"
#include "control/session.h"

struct call;

/* Rows of parameters.  Reading actions have only this one; it also asks a writing one for its answer. */
#define EXTENSION_SHOW "Extension.Show"
/* clang-format off */
#define EXTENSION_SHOW_PARAMETER \
	{EXTENSION_SHOW, PARAMETER_BOOLEAN}
#define SESSION_EXTENSION_PARAMETERS \
	EXTENSION_SHOW_PARAMETER, \
	{"Extension.PacketSampling", PARAMETER_NUMBER, .maximum = SAMPLING_MAX}, \
	{"Extension.FlowSampling", PARAMETER_NUMBER, .maximum = SAMPLING_MAX}, \
	{"Extension.MaxBitsPerSecond", PARAMETER_NUMBER, .maximum = BITS_PER_SECOND_MAX}, \
	{"Extension.MaxPacketsPerSecond", PARAMETER_NUMBER, .maximum = PACKETS_PER_SECOND_MAX}, \
	{"Extension.Priority", PARAMETER_NUMBER, .maximum = SESSION_PRIORITY_MAX}, \
	{"Extension.Paused", PARAMETER_BOOLEAN}, \
	{"Extension.Continue", PARAMETER_BOOLEAN}, \
	{"Extension.ExpirationTime", PARAMETER_TEXT}, \
	{"Extension.DurationSeconds", PARAMETER_NUMBER, .minimum = 1, .maximum = DURATION_MAX}, \
	{"Extension.Encapsulation", PARAMETER_TEXT, .words = "vxlan|geneve"}, \
	{"Extension.OuterDscp", PARAMETER_TEXT}, \
	{"Extension.OuterDestinationPort", PARAMETER_NUMBER, .maximum = UINT16_MAX}, \
	{"Extension.OuterSourceAddress", PARAMETER_TEXT}
#define RULE_EXTENSION_PARAMETERS \
	EXTENSION_SHOW_PARAMETER, \
	{"Extension.TcpFlags", PARAMETER_TEXT}, \
	{"Extension.Dscp", PARAMETER_TEXT}
/* clang-format on */

struct options_wish extension_get_options(const struct call *call);

/* Whether the request has a parameter of these that says anything. */
bool extension_is_wanted(const struct call *call);

/* The element, wanted or not, of what is an extension itself. */
void extension_write_options(struct call *call, const struct session_options *options,
			     const struct resource_id *selector);

/* Both write nothing unless the request wants it. */
void extension_write_session(struct call *call, const struct session *session);
void extension_write_rule(struct call *call, const struct filter_rule *rule);
