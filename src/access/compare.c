// SPDX-License-Identifier: Apache-2.0
#include "access/compare.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define ARN_PARTS    6
#define ARN_SIZE_MAX 2048

static bool number_parse(const char *text, double *ret_number);
static bool date_parse(const char *text, double *ret_seconds);
static bool boolean_parse(const char *text, bool *ret_value);
static bool block_parse(const char *text, struct cidr *ret_block);
static enum comparison numbers_compare(double value, double wanted);
static bool arn_part(const char **position, bool last, bool escaped, char ret_part[ARN_SIZE_MAX]);

enum comparison compare_text(const char *value, const char *wanted)
{
	return strcmp(value, wanted) ? COMPARE_DIFFERENT : COMPARE_EQUAL;
}

enum comparison compare_text_caseless(const char *value, const char *wanted)
{
	return strcasecmp(value, wanted) ? COMPARE_DIFFERENT : COMPARE_EQUAL;
}

enum comparison compare_pattern(const char *value, const char *wanted)
{
	return string_matches(wanted, value) ? COMPARE_EQUAL : COMPARE_DIFFERENT;
}

enum comparison compare_arn(const char *value, const char *wanted)
{
	char have[ARN_SIZE_MAX], want[ARN_SIZE_MAX];

	for (int i = 0; i < ARN_PARTS; i++) {
		bool last = i == ARN_PARTS - 1;

		if (!arn_part(&value, last, false, have) || !arn_part(&wanted, last, true, want))
			return COMPARE_DIFFERENT;
		if (!string_matches(want, have))
			return COMPARE_DIFFERENT;
	}
	return COMPARE_EQUAL;
}

enum comparison compare_number(const char *value, const char *wanted)
{
	double have, want;

	if (!number_parse(value, &have) || !number_parse(wanted, &want))
		return COMPARE_INVALID;
	return numbers_compare(have, want);
}

enum comparison compare_date(const char *value, const char *wanted)
{
	double have, want;

	if (!date_parse(value, &have) || !date_parse(wanted, &want))
		return COMPARE_INVALID;
	return numbers_compare(have, want);
}

enum comparison compare_boolean(const char *value, const char *wanted)
{
	bool have, want;

	if (!boolean_parse(value, &have) || !boolean_parse(wanted, &want))
		return COMPARE_INVALID;
	return have == want ? COMPARE_EQUAL : COMPARE_DIFFERENT;
}

enum comparison compare_address(const char *value, const char *wanted)
{
	struct address address;
	struct cidr block;

	if (!address_parse(value, &address) || !block_parse(wanted, &block))
		return COMPARE_INVALID;
	return cidr_contains(&block, &address) ? COMPARE_EQUAL : COMPARE_DIFFERENT;
}

bool compare_is_block(const char *text)
{
	struct cidr block;

	return block_parse(text, &block);
}

static bool number_parse(const char *text, double *ret_number)
{
	char *end;

	/* strtod(3) takes more than a policy may say: blanks, hexadecimal, infinity. */
	if (!*text || strspn(text, "+-.0123456789eE") != strlen(text))
		return false;
	*ret_number = strtod(text, &end);
	return *end == '\0' && isfinite(*ret_number);
}

/* "2026-01-02T03:04:05Z", "2026-01-02" or seconds. */
static bool date_parse(const char *text, double *ret_seconds)
{
	static const char *const forms[] = {"%Y-%m-%dT%H:%MZ", "%Y-%m-%d"};
	int64_t milliseconds;

	if (timestamp_parse(text, &milliseconds)) {
		*ret_seconds = (double)milliseconds / 1000;
		return true;
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct tm parts = {};
		const char *end = strptime(text, forms[i], &parts);

		if (!end || *end)
			continue;
		*ret_seconds = (double)timegm(&parts);
		return true;
	}
	return number_parse(text, ret_seconds);
}

static bool boolean_parse(const char *text, bool *ret_value)
{
	*ret_value = !strcasecmp(text, "true");
	return *ret_value || !strcasecmp(text, "false");
}

static bool block_parse(const char *text, struct cidr *ret_block)
{
	if (cidr_parse(text, ret_block))
		return true;
	if (!address_parse(text, &ret_block->address))
		return false;
	ret_block->prefix_length = (uint8_t)(8 * address_size(&ret_block->address));
	return true;
}

static enum comparison numbers_compare(double value, double wanted)
{
	if (value < wanted)
		return COMPARE_LESS;
	return value > wanted ? COMPARE_GREATER : COMPARE_EQUAL;
}

/* The next part of an ARN; the last one takes the rest, colons included.  'escaped': a backslash takes the next
 * character along. */
static bool arn_part(const char **position, bool last, bool escaped, char ret_part[ARN_SIZE_MAX])
{
	const char *start = *position, *end = start;

	while (*end && (last || *end != ':'))
		end += escaped && *end == '\\' && end[1] ? 2 : 1;
	if ((size_t)(end - start) >= ARN_SIZE_MAX || (!last && *end != ':'))
		return false;
	memcpy(ret_part, start, (size_t)(end - start));
	ret_part[end - start] = '\0';
	*position = last ? end : end + 1;
	return true;
}
