// SPDX-License-Identifier: Apache-2.0
#include "mirror/id.h"

#include "base/count.h"
#include "base/random.h"
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define DIGITS_MIN 8 /* Ids of EC2's early years; users may have them in their scripts. */
#define DIGITS     17

static const struct {
	const char *prefix, *name;
	bool is_number; /* Of 64 bits, so the first digit is 0. */
} kinds[RESOURCE_KIND_COUNT] = {
	[RESOURCE_INTERFACE] = {"eni-", "network-interface"},
	[RESOURCE_INSTANCE] = {"i-", "instance"},
	[RESOURCE_VPC] = {"vpc-", "vpc"},
	[RESOURCE_SUBNET] = {"subnet-", "subnet"},
	[RESOURCE_FILTER] = {"tmf-", "traffic-mirror-filter"},
	[RESOURCE_FILTER_RULE] = {"tmfr-", "traffic-mirror-filter-rule"},
	[RESOURCE_TARGET] = {"tmt-", "traffic-mirror-target"},
	[RESOURCE_SESSION] = {"tms-", "traffic-mirror-session"},
	[RESOURCE_SELECTOR] = {"tmsel-", "traffic-mirror-selector"},
	[RESOURCE_ENDPOINT_SERVICE] = {"vpce-svc-", "vpc-endpoint-service"},
	[RESOURCE_ENDPOINT] = {"vpce-", "vpc-endpoint", .is_number = true},
};

static struct resource_id id_compose(enum resource_kind kind, const char *digits);
static unsigned __int128 fnv1a(const char *seed);

const char *resource_kind_name(enum resource_kind kind)
{
	return kinds[kind].name;
}

struct resource_id resource_id_new(enum resource_kind kind)
{
	unsigned char bytes[(DIGITS + 1) / 2];
	char digits[2 * sizeof(bytes) + 1];

	random_bytes(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), digits);
	digits[DIGITS] = '\0';
	if (kinds[kind].is_number)
		digits[0] = '0';
	return id_compose(kind, digits);
}

struct resource_id resource_id_derive(enum resource_kind kind, const char *seed)
{
	unsigned __int128 hash = fnv1a(seed);
	char digits[DIGITS + 1] = {};

	/* The authors of FNV fold what is left over instead of dropping it. */
	hash ^= hash >> (4 * DIGITS);
	for (size_t i = DIGITS; i-- > 0; hash >>= 4)
		digits[i] = "0123456789abcdef"[hash & 15];
	return id_compose(kind, digits);
}

enum resource_kind resource_id_kind(const char *text)
{
	for (enum resource_kind kind = RESOURCE_NONE + 1; kind < RESOURCE_KIND_COUNT; kind++)
		if (strncmp(text, kinds[kind].prefix, strlen(kinds[kind].prefix)) == 0)
			return kind;
	return RESOURCE_NONE;
}

bool resource_id_parse(enum resource_kind kind, const char *text, struct resource_id *ret_id)
{
	const char *digits;
	size_t length;

	if (kind == RESOURCE_NONE || resource_id_kind(text) != kind)
		return false;
	digits = text + strlen(kinds[kind].prefix);
	length = strspn(digits, "0123456789abcdef");
	if (length < DIGITS_MIN || length > DIGITS || digits[length] != '\0')
		return false;
	*ret_id = id_compose(kind, digits);
	return true;
}

bool resource_id_equal(const struct resource_id *a, const struct resource_id *b)
{
	return strcmp(a->text, b->text) == 0;
}

static struct resource_id id_compose(enum resource_kind kind, const char *digits)
{
	struct resource_id id = {};

	(void)snprintf(id.text, sizeof(id.text), "%s%s", kinds[kind].prefix, digits);
	return id;
}

/* The 128-bit variant. */
static unsigned __int128 fnv1a(const char *seed)
{
	const unsigned __int128 prime = (unsigned __int128)1 << 88 | 0x13b;
	unsigned __int128 hash = (unsigned __int128)0x6c62272e07bb0142 << 64 | 0x62b821756295c58d;

	for (; *seed != '\0'; seed++)
		hash = (hash ^ (unsigned char)*seed) * prime;
	return hash;
}
