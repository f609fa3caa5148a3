/* The kinds of values in files of tmirror apply, and their one spelling. */
#pragma once

#include "cli/apply_field.h"

extern const struct spelling spelling_text, spelling_description, spelling_word, spelling_number,
	spelling_rate, spelling_switch, spelling_protocol, spelling_block, spelling_address,
	spelling_ports, spelling_flags, spelling_dscp, spelling_dscp_or_any, spelling_time,
	spelling_tag_filter;

/* What stands between filters on tags, where several are one text. */
#define TAGS_BETWEEN "; "

/* Whether it is a text of 1 to 'length' characters, without control characters: XML could not carry them. */
bool text_is_plain(const char *text, size_t length);

/* A range as spelling_ports writes it. */
bool ports_read(const char *value, unsigned int *ret_from, unsigned int *ret_to);
