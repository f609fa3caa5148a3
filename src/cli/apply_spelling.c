// SPDX-License-Identifier: Apache-2.0
#include "cli/apply_spelling.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/count.h"
#include "base/text.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define SPELLING(name, what)                                                   \
	static bool write_##name(const struct field *field, const char *value, \
				 struct text *ret_text);                       \
	const struct spelling spelling_##name = {.wants = (what), .write = write_##name}

SPELLING(text, "a text");
SPELLING(description, "a text of 255 characters at most, without line breaks");
SPELLING(word, NULL);
SPELLING(number, NULL);
SPELLING(rate, NULL);
SPELLING(switch, "true or false");
SPELLING(protocol, "tcp, udp, icmp, icmpv6 or another protocol's number");
SPELLING(block, "an address block without further bits, as 10.0.0.0/8");
SPELLING(address, "an address");
SPELLING(ports, "a port or a range of ports, as 80 or 8000-8099");
SPELLING(flags, "flags of TCP, as syn,!ack; or any");
SPELLING(dscp, "a DSCP: 0 to 63, cs1, af41, ef");
SPELLING(dscp_or_any, "a DSCP: 0 to 63, cs1, af41, ef; or any");
SPELLING(tag_filter, "a tag's key, alone or with values, as app=web,shop-*; without '; '");
SPELLING(time, "a time, as 2026-01-02T03:04:05Z, or never");

bool ports_read(const char *value, unsigned int *ret_from, unsigned int *ret_to)
{
	const char *hyphen = strchr(value, '-');
	unsigned long long from, to;
	char first[8];

	if (!hyphen) {
		if (!string_to_unsigned(value, UINT16_MAX, &from))
			return false;
		*ret_from = *ret_to = (unsigned int)from;
		return true;
	}
	if ((size_t)(hyphen - value) >= sizeof(first))
		return false;
	(void)snprintf(first, sizeof(first), "%.*s", (int)(hyphen - value), value);
	if (!string_to_unsigned(first, UINT16_MAX, &from) ||
	    !string_to_unsigned(hyphen + 1, UINT16_MAX, &to) || from > to)
		return false;
	*ret_from = (unsigned int)from;
	*ret_to = (unsigned int)to;
	return true;
}

/* UTF-8, as YAML has made sure. */
bool text_is_plain(const char *text, size_t length)
{
	size_t count = 0;

	for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
		bool control = *c < 0x20 || *c == 0x7f || (*c == 0xc2 && c[1] < 0xa0);

		if (control)
			return false;
		count += (*c & 0xc0) != 0x80;
	}
	return count > 0 && count <= length;
}

static bool write_description(const struct field *field _unused_, const char *value,
			      struct text *ret_text)
{
	text_append(ret_text, value);
	return *value == '\0' || text_is_plain(value, 255);
}

static bool write_tag_filter(const struct field *field _unused_, const char *value,
			     struct text *ret_text)
{
	text_append(ret_text, value);
	return value[0] != '=' && !strstr(value, TAGS_BETWEEN) && text_is_plain(value, 8192);
}

static bool write_text(const struct field *field _unused_, const char *value, struct text *ret_text)
{
	text_append(ret_text, value);
	return true;
}

/* Whether one of "a|b|c" is these 'length' characters. */
static bool words_have(const char *words, const char *value, size_t length)
{
	for (;;) {
		size_t word = strcspn(words, "|");

		if (word == length && memcmp(words, value, length) == 0)
			return true;
		if (words[word] == '\0')
			return false;
		words += word + 1;
	}
}

static bool write_word(const struct field *field, const char *value, struct text *ret_text)
{
	text_append(ret_text, value);
	return words_have(field->words, value, strlen(value));
}

static bool write_number(const struct field *field, const char *value, struct text *ret_text)
{
	unsigned long long number;

	if (!string_to_unsigned(value, field->maximum, &number) || number < field->minimum)
		return false;
	text_printf(ret_text, "%llu", number);
	return true;
}

/* "10M" in full; 0 is no cap, whatever the least one is. */
static bool write_rate(const struct field *field, const char *value, struct text *ret_text)
{
	static const char units[] = "kMGT";
	size_t length = strspn(value, "0123456789");
	const char *unit = value[length] ? strchr(units, value[length]) : NULL;
	unsigned long long number, factor = 1;
	char digits[24];

	if (length >= sizeof(digits) || (value[length] && (!unit || value[length + 1])))
		return false;
	for (const char *c = units; unit && c <= unit; c++)
		factor *= 1000;
	(void)snprintf(digits, sizeof(digits), "%.*s", (int)length, value);
	if (!string_to_unsigned(digits, field->maximum / factor, &number))
		return false;
	number *= factor;
	text_printf(ret_text, "%llu", number);
	return number == 0 || number >= field->minimum;
}

static bool write_switch(const struct field *field _unused_, const char *value,
			 struct text *ret_text)
{
	text_append(ret_text, value);
	return words_have("true|false", value, strlen(value));
}

static bool write_protocol(const struct field *field _unused_, const char *value,
			   struct text *ret_text)
{
	unsigned long long number;

	if (!string_to_unsigned(protocol_number(value), UINT8_MAX, &number))
		return false;
	text_printf(ret_text, "%llu", number);
	return true;
}

static bool write_block(const struct field *field _unused_, const char *value,
			struct text *ret_text)
{
	char text[CIDR_TEXT_SIZE];
	struct cidr cidr;

	if (!cidr_parse(value, &cidr))
		return false;
	cidr_format(&cidr, text);
	text_append(ret_text, text);
	return true;
}

/* "" is none. */
static bool write_address(const struct field *field _unused_, const char *value,
			  struct text *ret_text)
{
	char text[ADDRESS_TEXT_SIZE] = "";
	struct address address;

	if (*value != '\0') {
		if (!address_parse(value, &address))
			return false;
		address_format(&address, text);
	}
	text_append(ret_text, text);
	return true;
}

static bool write_ports(const struct field *field _unused_, const char *value,
			struct text *ret_text)
{
	unsigned int from, to;

	if (!ports_read(value, &from, &to))
		return false;
	text_printf(ret_text, "%u", from);
	if (from != to)
		text_printf(ret_text, "-%u", to);
	return true;
}

static const char flag_names[] = "cwr,ece,urg,ack,psh,rst,syn,fin";

/* Bit N is the name N of these; one that must be both set and clear is a contradiction. */
static bool flags_read(const char *value, unsigned int *ret_set, unsigned int *ret_clear)
{
	unsigned int set = 0, clear = 0;

	for (;;) {
		bool unwanted = *value == '!';
		unsigned int bit = 0;

		value += unwanted;
		while (bit < 8 && strncmp(value, flag_names + bit * 4, 3) != 0)
			bit++;
		if (bit == 8)
			return false;
		*(unwanted ? &clear : &set) |= 1U << bit;
		value += 3;
		if (*value == '\0')
			break;
		if (*value++ != ',')
			return false;
	}
	*ret_set = set;
	*ret_clear = clear;
	return (set & clear) == 0;
}

/* In the API's order, each once. */
static bool write_flags(const struct field *field _unused_, const char *value,
			struct text *ret_text)
{
	unsigned int set, clear;

	if (strcmp(value, "any") == 0 || *value == '\0') {
		text_append(ret_text, "any");
		return true;
	}
	if (!flags_read(value, &set, &clear))
		return false;
	for (unsigned int bit = 0; bit < 8; bit++)
		if ((set | clear) & 1U << bit)
			text_printf(ret_text, "%s%s%.3s", ret_text->length ? "," : "",
				    clear & 1U << bit ? "!" : "", flag_names + bit * 4);
	return true;
}

/* A class selector is its number, then three zero bits; assured forwarding is the class, the drop precedence, then a
 * zero bit (RFC 2474, RFC 2597). */
static bool write_dscp(const struct field *field _unused_, const char *value, struct text *ret_text)
{
	unsigned long long number;

	if (string_to_unsigned(value, 63, &number))
		text_printf(ret_text, "%llu", number);
	else if (words_have("ef|le", value, strlen(value)))
		text_append(ret_text, value[0] == 'e' ? "46" : "1");
	else if (strlen(value) == 3 && memcmp(value, "cs", 2) == 0 && value[2] >= '0' &&
		 value[2] <= '7')
		text_printf(ret_text, "%d", (value[2] - '0') << 3);
	else if (strlen(value) == 4 && memcmp(value, "af", 2) == 0 && value[2] >= '1' &&
		 value[2] <= '4' && value[3] >= '1' && value[3] <= '3')
		text_printf(ret_text, "%d", (value[2] - '0') << 3 | (value[3] - '0') << 1);
	else
		return false;
	return true;
}

static bool write_dscp_or_any(const struct field *field, const char *value, struct text *ret_text)
{
	if (strcmp(value, "any") != 0)
		return write_dscp(field, value, ret_text);
	text_append(ret_text, value);
	return true;
}

static bool write_time(const struct field *field _unused_, const char *value, struct text *ret_text)
{
	char text[TIMESTAMP_SIZE] = "never";
	int64_t milliseconds;

	if (strcmp(value, "never") != 0) {
		if (!timestamp_parse(value, &milliseconds))
			return false;
		timestamp_format(milliseconds - milliseconds % 1000, text);
	}
	text_append(ret_text, text);
	return true;
}
