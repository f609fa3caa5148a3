// SPDX-License-Identifier: Apache-2.0
#include "mirror/arn.h"

#include "base/random.h"
#include "base/text.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define BEGINNING   "arn:aws:elasticloadbalancing:"
#define DIGITS_SIZE 8

static const char *const kind_names[ARN_KIND_COUNT] = {
	[ARN_NONE] = "",
	[ARN_BALANCER] = "loadbalancer",
	[ARN_LISTENER] = "listener",
	[ARN_GROUP] = "targetgroup",
};

static const char *find_resource(const char *text);

const char *arn_kind_name(enum arn_kind kind)
{
	return kind_names[kind];
}

enum arn_kind arn_get_kind(const char *text)
{
	const char *resource = find_resource(text);
	size_t length = strcspn(resource, "/");

	for (enum arn_kind kind = ARN_NONE + 1; kind < ARN_KIND_COUNT; kind++)
		if (resource[length] == '/' && strlen(kind_names[kind]) == length &&
		    strncmp(kind_names[kind], resource, length) == 0)
			return kind;
	return ARN_NONE;
}

const char *arn_get_rest(const char *text)
{
	const char *resource = find_resource(text);
	size_t length = strcspn(resource, "/");

	return resource + length + (resource[length] == '/');
}

void arn_make_digits(char ret_digits[static ARN_DIGITS_SIZE])
{
	unsigned char bytes[DIGITS_SIZE];

	random_bytes(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), ret_digits);
}

struct arn arn_compose(enum arn_kind kind, const char *region, const char *account,
		       const char *rest)
{
	struct arn arn = {};

	(void)snprintf(arn.text, sizeof(arn.text), BEGINNING "%s:%s:%s/%s", region, account,
		       kind_names[kind], rest);
	return arn;
}

/* Behind region and account; "" if the text is too short for that, or another service's. */
static const char *find_resource(const char *text)
{
	if (strlen(text) >= ARN_SIZE || strncmp(text, BEGINNING, strlen(BEGINNING)) != 0)
		return "";
	text += strlen(BEGINNING);
	for (int i = 0; i < 2; i++) {
		text += strcspn(text, ":");
		if (*text == '\0')
			return "";
		text++;
	}
	return text;
}
