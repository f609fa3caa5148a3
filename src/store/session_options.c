// SPDX-License-Identifier: Apache-2.0
#include "store/session_options.h"

void options_format_source(const struct session_options *options,
			   char ret_text[static ADDRESS_TEXT_SIZE])
{
	ret_text[0] = '\0';
	if (options->outer_source.family != 0)
		address_format(&options->outer_source, ret_text);
}

int options_read(struct cursor *cursor, int column, struct session_options *ret_options)
{
	const char *outer_source = cursor_text(cursor, column + 11);

	ret_options->packet_sampling = (uint32_t)cursor_integer(cursor, column);
	ret_options->flow_sampling = (uint32_t)cursor_integer(cursor, column + 1);
	ret_options->bits_per_second = (uint64_t)cursor_integer(cursor, column + 2);
	ret_options->packets_per_second = (uint64_t)cursor_integer(cursor, column + 3);
	ret_options->priority = (uint8_t)cursor_integer(cursor, column + 4);
	ret_options->paused = cursor_integer(cursor, column + 5);
	ret_options->continues = cursor_integer(cursor, column + 6);
	ret_options->expires = cursor_integer(cursor, column + 7);
	ret_options->encapsulation = (enum encapsulation)cursor_integer(cursor, column + 8);
	ret_options->outer_dscp = (uint8_t)cursor_integer(cursor, column + 9);
	ret_options->outer_port = (uint16_t)cursor_integer(cursor, column + 10);
	if (outer_source[0] != '\0' && !address_parse(outer_source, &ret_options->outer_source))
		return -EBADMSG;
	return STORE_ROW;
}
