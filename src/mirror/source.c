// SPDX-License-Identifier: Apache-2.0
#include "mirror/source.h"

#include "base/count.h"
#include "base/random.h"
#include "mirror/tag.h"

#include <string.h>

static const char *const orientation_names[] = {
	[ORIENTATION_AUTOMATIC] = "automatic",
	[ORIENTATION_HOST] = "host",
	[ORIENTATION_GUEST] = "guest",
};

static const struct {
	const char *name, *manager;
} interface_types[] = {
	[INTERFACE_ORDINARY] = {"interface", NULL},
	[INTERFACE_NETWORK_LOAD_BALANCER] = {"network_load_balancer", "amazon-elb"},
	[INTERFACE_GATEWAY_LOAD_BALANCER] = {"gateway_load_balancer", "amazon-elb"},
	[INTERFACE_GATEWAY_LOAD_BALANCER_ENDPOINT] = {"gateway_load_balancer_endpoint",
						      "amazon-aws"},
};

const char *orientation_name(enum orientation orientation)
{
	return orientation_names[orientation];
}

bool orientation_parse(const char *name, enum orientation *ret_orientation)
{
	for (size_t i = 0; i < ARRAY_SIZE(orientation_names); i++) {
		if (strcmp(orientation_names[i], name) != 0)
			continue;
		*ret_orientation = (enum orientation)i;
		return true;
	}
	return false;
}

const char *interface_type_name(enum interface_type type)
{
	return interface_types[type].name;
}

const char *interface_type_manager(enum interface_type type)
{
	return interface_types[type].manager;
}

bool host_name_valid(const char *name)
{
	static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					 "0123456789-._";
	size_t length = strspn(name, characters);

	return length > 0 && length < HOST_NAME_SIZE && name[length] == '\0' &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* The kernel's own rules are those of dev_valid_name(). */
bool device_name_valid(const char *name)
{
	return name[0] != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
	       strlen(name) < DEVICE_NAME_SIZE && !strpbrk(name, "/: ") &&
	       text_is_presentable(name, DEVICE_NAME_SIZE);
}

bool source_in_use(const struct source *source)
{
	return source->attached || source->type != INTERFACE_ORDINARY;
}

bool source_address_usable(const struct address *address)
{
	static const struct address unspecified[] = {{.family = 4}, {.family = 6}};
	const uint8_t *bytes = address->bytes;

	if (address_equal(address, &unspecified[address->family == 6]))
		return false;
	if (address->family == 4)
		return bytes[0] != 0 && bytes[0] < 224;
	return bytes[0] != 0xff && !(bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

void source_make_mac(struct source *source)
{
	random_bytes(source->mac, sizeof(source->mac));
	source->mac[0] = (uint8_t)((source->mac[0] & ~1u) | 2u);
}

enum orientation source_orientation(const struct source *source)
{
	return source->override != ORIENTATION_AUTOMATIC ? source->override : source->orientation;
}

bool source_is_primary(const struct source *source, uint8_t family)
{
	return family == 4 ? source->primary_ipv4 : source->primary_ipv6;
}

const struct address *source_get_address(const struct source *source, uint8_t family)
{
	for (size_t i = 0; i < source->address_count; i++)
		if (source->addresses[i].family == family)
			return &source->addresses[i];
	return NULL;
}
