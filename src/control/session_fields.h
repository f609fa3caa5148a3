/* What can be asked of sessions, by the two calls that describe them.  Private to control/. */
#pragma once

#include "control/describe.h"

/* They work on records that begin with their struct session. */
void session_offer_description(const void *record, struct match *match);
void session_offer_source(const void *record, struct match *match);
void session_offer_owner(const void *record, struct match *match);
void session_offer_packet_length(const void *record, struct match *match);
void session_offer_number(const void *record, struct match *match);
void session_offer_filter(const void *record, struct match *match);
void session_offer_id(const void *record, struct match *match);
void session_offer_selector(const void *record, struct match *match);
void session_offer_target(const void *record, struct match *match);
void session_offer_vni(const void *record, struct match *match);

/* The rows that both tables begin with. */
#define SESSION_FIELDS                                                                             \
	{"description", session_offer_description},                                                \
		{"network-interface-id", session_offer_source}, {"owner-id", session_offer_owner}, \
		{"packet-length", session_offer_packet_length},                                    \
		{"session-number", session_offer_number},                                          \
		{"traffic-mirror-filter-id", session_offer_filter},                                \
		{"traffic-mirror-selector-id", session_offer_selector},                            \
		{"traffic-mirror-session-id", session_offer_id},                                   \
		{"traffic-mirror-target-id", session_offer_target},                                \
	{                                                                                          \
		"virtual-network-id", session_offer_vni                                            \
	}

int sessions_select(struct describe *describe, const char *after, struct cursor **ret_cursor);
