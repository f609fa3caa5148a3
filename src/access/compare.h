/* How condition operators compare a value of the request with one of the policy.  Pure. */
#pragma once

#include <stdbool.h>

enum comparison {
	COMPARE_INVALID = 0, /* One of them is not of the kind. */
	COMPARE_LESS = 1 << 0,
	COMPARE_EQUAL = 1 << 1, /* Equal, or of the pattern or block. */
	COMPARE_GREATER = 1 << 2,
	COMPARE_DIFFERENT = 1 << 3,
};

typedef enum comparison compare_function(const char *value, const char *wanted);

compare_function compare_text, compare_text_caseless;
compare_function compare_pattern; /* 'wanted' as string_matches() takes it. */
compare_function compare_arn;     /* The same, for each of the six parts between colons. */
compare_function compare_number;  /* Decimal, with sign and fraction. */
compare_function compare_date;    /* ISO 8601 in UTC, or seconds since the epoch. */
compare_function compare_boolean; /* "true" and "false", without case. */
compare_function compare_address; /* 'wanted' may be a block. */

/* Whether it is an address or a block of them. */
bool compare_is_block(const char *text);
