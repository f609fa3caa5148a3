/* The columns that sessions and selectors share.  Private to store/. */
#pragma once

#include "mirror/session.h"
#include "store/statement.h"

#define OPTION_COLUMNS                                                                    \
	"packet_sampling, flow_sampling, bits_per_second, packets_per_second, priority, " \
	"paused, continues, expires, encapsulation, outer_dscp, outer_port, outer_source"
#define OPTION_COUNT 12

#define OPTION_UPDATES                                                                     \
	"packet_sampling = excluded.packet_sampling, "                                     \
	"flow_sampling = excluded.flow_sampling, "                                         \
	"bits_per_second = excluded.bits_per_second, "                                     \
	"packets_per_second = excluded.packets_per_second, priority = excluded.priority, " \
	"paused = excluded.paused, continues = excluded.continues, "                       \
	"expires = excluded.expires, encapsulation = excluded.encapsulation, "             \
	"outer_dscp = excluded.outer_dscp, outer_port = excluded.outer_port, "             \
	"outer_source = excluded.outer_source"

/* In the order of the columns; 'outer_source_text' as options_format_source() writes it. */
#define OPTION_VALUES(options, outer_source_text)                                            \
	INTEGER((options)->packet_sampling), INTEGER((options)->flow_sampling),              \
		INTEGER((options)->bits_per_second), INTEGER((options)->packets_per_second), \
		INTEGER((options)->priority), INTEGER((options)->paused),                    \
		INTEGER((options)->continues), INTEGER((options)->expires),                  \
		INTEGER((options)->encapsulation), INTEGER((options)->outer_dscp),           \
		INTEGER((options)->outer_port), TEXT(outer_source_text)

/* "" for none. */
void options_format_source(const struct session_options *options,
			   char ret_text[static ADDRESS_TEXT_SIZE]);

/* Reads the columns from 'column' on.  Returns STORE_ROW, or a fault. */
int options_read(struct cursor *cursor, int column, struct session_options *ret_options);
