// SPDX-License-Identifier: Apache-2.0
#include "control/page_token.h"

#include "base/text.h"
#include "control/describe.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define HASH_DIGITS  16
#define KEY_SIZE_MAX 4096

static bool key_decode(const char *digits, char ret_key[static KEY_SIZE_MAX]);
static int digit_value(char digit);
static void token_hash(const struct describe *describe, const char *key,
		       char ret_digits[static HASH_DIGITS + 1]);
static uint64_t hash_add(uint64_t hash, const char *text);

int page_token_decode(const struct describe *describe, char **ret_after, struct refusal *why)
{
	const char *token = describe->query->next_token ? describe->query->next_token : "";
	char key[KEY_SIZE_MAX] = "", expected[HASH_DIGITS + 1];
	char *after;

	if (token[0] != '\0') {
		if (strnlen(token, HASH_DIGITS) < HASH_DIGITS ||
		    !key_decode(token + HASH_DIGITS, key))
			return refuse(why, REFUSE_PAGINATION_TOKEN,
				      "The NextToken '%.64s' is not valid", token);
		token_hash(describe, key, expected);
		if (strncmp(token, expected, HASH_DIGITS) != 0)
			return refuse(why, REFUSE_PAGINATION_TOKEN,
				      "The NextToken '%.64s' is not of this request", token);
	}
	after = strdup(key);
	if (!after)
		return -ENOMEM;
	*ret_after = after;
	return 0;
}

int page_token_encode(const struct describe *describe, const void *last_record, char **ret_token)
{
	_cleanup_text_ struct text key = {}, token = {};
	char digits[HASH_DIGITS + 1];
	char *stolen;

	describe->noun->key(last_record, &key);
	if (key.failed || !key.data)
		return -ENOMEM;
	token_hash(describe, key.data, digits);
	text_append(&token, digits);
	for (size_t i = 0; i < key.length; i++)
		text_printf(&token, "%02x", (unsigned char)key.data[i]);
	stolen = text_steal(&token);
	if (!stolen)
		return -ENOMEM;
	*ret_token = stolen;
	return 0;
}

static bool key_decode(const char *digits, char ret_key[static KEY_SIZE_MAX])
{
	size_t length = strlen(digits);

	if (length == 0 || length % 2 != 0 || length / 2 >= KEY_SIZE_MAX)
		return false;
	for (size_t i = 0; i < length / 2; i++) {
		int high = digit_value(digits[2 * i]), low = digit_value(digits[2 * i + 1]);

		if (high < 0 || low < 0 || high + low == 0)
			return false;
		ret_key[i] = (char)(high << 4 | low);
	}
	ret_key[length / 2] = '\0';
	return true;
}

static int digit_value(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *place = digit != '\0' ? strchr(digits, digit) : NULL;

	return place ? (int)(place - digits) : -1;
}

static void token_hash(const struct describe *describe, const char *key,
		       char ret_digits[static HASH_DIGITS + 1])
{
	const struct query *query = describe->query;
	uint64_t hash = 0xcbf29ce484222325;

	hash = hash_add(hash, describe->noun->name);
	hash = hash_add(hash, describe->caller->account.text);
	hash = hash_add(hash, describe->scope ? describe->scope : "");
	for (size_t i = 0; i < query->filter_count; i++) {
		hash = hash_add(hash, query->filters[i].name);
		for (size_t j = 0; j < query->filters[i].value_count; j++)
			hash = hash_add(hash, query->filters[i].values[j]);
		hash = hash_add(hash, "");
	}
	hash = hash_add(hash, key);
	(void)snprintf(ret_digits, HASH_DIGITS + 1, "%016llx", (unsigned long long)hash);
}

/* FNV-1a, the NUL included, so that texts do not run into each other. */
static uint64_t hash_add(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	while (*text++ != '\0');
	return hash;
}
