/* What commands about sessions have in common with those about selectors and with mirror. */
#pragma once

#include "cli/command.h"

struct text;

/* clang-format off */
#define SESSION_OPTION_ROWS \
	{.name = "packet-sampling", .value = "N", .parameter = "Extension.PacketSampling", \
	 .help = "Copy one in N packets, by chance; 0: every one"}, \
	{.name = "flow-sampling", .value = "N", .parameter = "Extension.FlowSampling", \
	 .help = "Copy one in N flows, whole and in both directions; 0: every one"}, \
	{.name = "max-bits-per-second", .value = "RATE", .parameter = "Extension.MaxBitsPerSecond", \
	 .form = FORM_QUANTITY, .help = "Copy no more than that, as in 10M; 0: no cap"}, \
	{.name = "max-packets-per-second", .value = "RATE", \
	 .parameter = "Extension.MaxPacketsPerSecond", \
	 .form = FORM_QUANTITY, .help = "Copy no more than that, as in 5k; 0: no cap"}, \
	{.name = "priority", .value = "0-3", .parameter = "Extension.Priority", \
	 .help = "Give up copies earlier under pressure, the higher the number"}, \
	{.name = "paused", .parameter = "Extension.Paused", .form = FORM_SWITCH, \
	 .help = "Copy nothing until resumed"}, \
	{.name = "continue", .parameter = "Extension.Continue", .form = FORM_SWITCH, \
	 .help = "Offer the packets to the source's next session, too"}, \
	{.name = "expires", .value = "DURATION|TIME", .parameter = "Extension", .form = FORM_END, \
	 .help = "End by itself: after 90s, 2h, 7d; at 2026-01-02T03:04:05Z; never"}, \
	{.name = "encapsulation", .value = "vxlan|geneve", .parameter = "Extension.Encapsulation", \
	 .help = "What copies are wrapped in; geneve tells the time of capture"}, \
	{.name = "outer-dscp", .value = "DSCP", .parameter = "Extension.OuterDscp", \
	 .help = "Mark the packets to the appliance: 0 to 63, cs1, af41, ef"}, \
	{.name = "outer-port", .value = "PORT", .parameter = "Extension.OuterDestinationPort", \
	 .help = "The appliance's UDP port; 0: 4789 or geneve's 6081"}, \
	{.name = "outer-source", .value = "ADDRESS", .parameter = "Extension.OuterSourceAddress", \
	 .help = "Send from this address of the host; '': as the kernel chooses"}
/* clang-format on */

/* Those of the changes that take them back. */
/* clang-format off */
#define SESSION_CHANGE_ROWS \
	{.name = "resumed", .parameter = "Extension.Paused", .form = FORM_SWITCH_OFF, \
	 .help = "Not paused"}, \
	{.name = "no-continue", .parameter = "Extension.Continue", .form = FORM_SWITCH_OFF, \
	 .help = "What it takes, no other session of the source is offered"}
#define REMOVE_FIELD_ROW \
	{.name = "remove-field", .value = "FIELD,…", .parameter = "RemoveField", .form = FORM_LIST, \
	 .repeated = true, \
	 .help = "Back to its default: packet-length, virtual-network-id, description"}
/* clang-format on */

/* What sessions and selectors say alike. */
#define TARGET_ROW                                                                        \
	.name = "traffic-mirror-target-id", .value = "TARGET", .help = "Where copies go", \
	.parameter = "TrafficMirrorTargetId"
#define FILTER_ID_ROW                                                                              \
	.name = "traffic-mirror-filter-id", .value = "FILTER", .help = "Which packets are copied", \
	.parameter = "TrafficMirrorFilterId"
#define NUMBER_ROW                                                           \
	.name = "session-number", .value = "NUMBER",                         \
	.help = "Order among the sessions of the source; lowest goes first", \
	.parameter = "SessionNumber"
#define LENGTH_ROW                                                       \
	{                                                                \
		.name = "packet-length", .value = "BYTES",               \
		.help = "Copy this much of each packet; else all of it", \
		.parameter = "PacketLength",                             \
	}
#define VNI_ROW                                                        \
	{                                                              \
		.name = "virtual-network-id", .value = "NUMBER",       \
		.help = "VXLAN network identifier; else a random one", \
		.parameter = "VirtualNetworkId",                       \
	}

/* Of sessions, or of selectors, as the command is about. */
command_function session_pause, session_resume;

/* The tag Name. */
void write_session_name(const struct tmirror_node *node, struct text *cell);

/* What differs from AWS's behaviour, as in "1/10 packets, 10M bit/s, paused". */
void write_session_options(const struct tmirror_node *session, struct text *cell);
