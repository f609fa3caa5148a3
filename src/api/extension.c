// SPDX-License-Identifier: Apache-2.0
#include "api/extension.h"

#include "api/call.h"
#include "mirror/header_words.h"

#include <string.h>

struct options_wish extension_get_options(const struct call *call)
{
	return (struct options_wish){
		.packet_sampling = call_get_number(call, "Extension.PacketSampling"),
		.flow_sampling = call_get_number(call, "Extension.FlowSampling"),
		.bits_per_second = call_get_number(call, "Extension.MaxBitsPerSecond"),
		.packets_per_second = call_get_number(call, "Extension.MaxPacketsPerSecond"),
		.priority = call_get_number(call, "Extension.Priority"),
		.paused = call_get_number(call, "Extension.Paused"),
		.continues = call_get_number(call, "Extension.Continue"),
		.expiration_time = call_get_text(call, "Extension.ExpirationTime"),
		.duration = call_get_number(call, "Extension.DurationSeconds"),
		.encapsulation = call_get_text(call, "Extension.Encapsulation"),
		.outer_dscp = call_get_text(call, "Extension.OuterDscp"),
		.outer_port = call_get_number(call, "Extension.OuterDestinationPort"),
		.outer_source = call_get_text(call, "Extension.OuterSourceAddress"),
	};
}

bool extension_is_wanted(const struct call *call)
{
	for (size_t i = 0; i < call->arguments.count; i++) {
		const struct argument *argument = &call->arguments.items[i];
		const char *name = argument->parameter->name;

		if (strncmp(name, "Extension.", strlen("Extension.")) == 0 &&
		    (argument->number != 0 || strcmp(name, EXTENSION_SHOW) != 0))
			return true;
	}
	return false;
}

void extension_write_session(struct call *call, const struct session *session)
{
	if (extension_is_wanted(call))
		extension_write_options(call, &session->options, &session->selector);
}

void extension_write_options(struct call *call, const struct session_options *options,
			     const struct resource_id *selector)
{
	char outer_source[ADDRESS_TEXT_SIZE];
	struct text *xml = call->xml;

	xml_open(xml, "extension");
	xml_count(xml, "packetSampling", options->packet_sampling);
	xml_count(xml, "flowSampling", options->flow_sampling);
	xml_count(xml, "maxBitsPerSecond", options->bits_per_second);
	xml_count(xml, "maxPacketsPerSecond", options->packets_per_second);
	xml_count(xml, "priority", options->priority);
	xml_boolean(xml, "paused", options->paused);
	xml_boolean(xml, "continue", options->continues);
	if (options->expires != 0)
		xml_time(xml, "expirationTime", options->expires * 1000);
	xml_text(xml, "encapsulation", encapsulation_name(options->encapsulation));
	xml_count(xml, "outerDscp", options->outer_dscp);
	xml_count(xml, "outerDestinationPort", options->outer_port);
	if (options->outer_source.family != 0) {
		address_format(&options->outer_source, outer_source);
		xml_text(xml, "outerSourceAddress", outer_source);
	}
	xml_text_if_set(xml, "trafficMirrorSelectorId", selector->text);
	xml_close(xml, "extension");
}

void extension_write_rule(struct call *call, const struct filter_rule *rule)
{
	char tcp_flags[TCP_FLAGS_TEXT_SIZE];

	if (!extension_is_wanted(call))
		return;
	tcp_flags_format(&rule->tcp_flags, tcp_flags);
	xml_open(call->xml, "extension");
	xml_text(call->xml, "tcpFlags", tcp_flags[0] ? tcp_flags : "any");
	if (rule->dscp.set)
		xml_count(call->xml, "dscp", rule->dscp.value);
	else
		xml_text(call->xml, "dscp", "any");
	xml_close(call->xml, "extension");
}
