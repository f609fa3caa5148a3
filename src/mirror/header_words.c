// SPDX-License-Identifier: Apache-2.0
#include "mirror/header_words.h"

#include "base/count.h"
#include "base/text.h"
#include "mirror/session.h"

#include <string.h>

/* By their bits, FIN lowest. */
static const char flag_names[8][4] = {"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"};

static bool flag_parse(const char *name, size_t length, uint8_t *ret_bit);

bool tcp_flags_parse(const char *text, struct tcp_flags_match *ret_match)
{
	struct tcp_flags_match match = {};

	if (text[0] == '\0' || strcmp(text, "any") == 0) {
		*ret_match = match;
		return true;
	}
	for (;;) {
		bool clear = *text == '!';
		size_t length;
		uint8_t bit;

		text += clear;
		length = strcspn(text, ",");
		if (!flag_parse(text, length, &bit))
			return false;
		if ((match.mask & bit) && !(match.value & bit) != clear)
			return false;
		match.mask |= bit;
		match.value |= clear ? 0 : bit;
		text += length;
		if (*text == '\0')
			break;
		text++;
	}
	*ret_match = match;
	return true;
}

void tcp_flags_format(const struct tcp_flags_match *match, char ret_text[TCP_FLAGS_TEXT_SIZE])
{
	char *end = ret_text;

	for (size_t i = ARRAY_SIZE(flag_names); i-- > 0;) {
		if (!(match->mask & 1 << i))
			continue;
		if (end > ret_text)
			*end++ = ',';
		if (!(match->value & 1 << i))
			*end++ = '!';
		end = mempcpy(end, flag_names[i], 3);
	}
	*end = '\0';
}

bool dscp_parse(const char *text, uint8_t *ret_value)
{
	unsigned long long number;
	size_t length = strlen(text);

	if (string_to_unsigned(text, DSCP_MAX, &number)) {
		*ret_value = (uint8_t)number;
		return true;
	}
	if (strcmp(text, "ef") == 0 || strcmp(text, "le") == 0) {
		*ret_value = text[0] == 'e' ? 46 : 1;
		return true;
	}
	/* A class selector is its number, then three zero bits. */
	if (length == 3 && memcmp(text, "cs", 2) == 0 && text[2] >= '0' && text[2] <= '7') {
		*ret_value = (uint8_t)((text[2] - '0') << 3);
		return true;
	}
	/* Assured forwarding is the class, the drop precedence, then a zero bit. */
	if (length == 4 && memcmp(text, "af", 2) == 0 && text[2] >= '1' && text[2] <= '4' &&
	    text[3] >= '1' && text[3] <= '3') {
		*ret_value = (uint8_t)((text[2] - '0') << 3 | (text[3] - '0') << 1);
		return true;
	}
	return false;
}

static bool flag_parse(const char *name, size_t length, uint8_t *ret_bit)
{
	for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++) {
		if (length != 3 || memcmp(flag_names[i], name, length) != 0)
			continue;
		*ret_bit = (uint8_t)(1 << i);
		return true;
	}
	return false;
}
