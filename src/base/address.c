// SPDX-License-Identifier: Apache-2.0
#include "base/address.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool address_parse(const char *text, struct address *ret_address)
{
	struct address address = {};

	if (inet_pton(AF_INET, text, address.bytes) == 1)
		address.family = 4;
	else if (inet_pton(AF_INET6, text, address.bytes) == 1)
		address.family = 6;
	else
		return false;
	*ret_address = address;
	return true;
}

void address_format(const struct address *address, char ret_text[ADDRESS_TEXT_SIZE])
{
	ret_text[0] = '\0';
	if (address->family != 0)
		(void)inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->bytes, ret_text,
				ADDRESS_TEXT_SIZE);
}

int address_compare(const struct address *a, const struct address *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return a->family == 0 ? 0 : memcmp(a->bytes, b->bytes, address_size(a));
}

socklen_t address_to_socket(const struct address *address, uint16_t port,
			    struct sockaddr_storage *ret_socket)
{
	*ret_socket = (struct sockaddr_storage){};
	if (address->family == 4) {
		struct sockaddr_in *in = (struct sockaddr_in *)ret_socket;

		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, address->bytes, 4);
		return sizeof(*in);
	}
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret_socket;

	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	memcpy(&in6->sin6_addr, address->bytes, 16);
	return sizeof(*in6);
}

bool address_from_socket(const struct sockaddr *socket, struct address *ret_address)
{
	const struct in6_addr *in6 =
		&((const struct sockaddr_in6 *)(const void *)socket)->sin6_addr;
	struct address address = {};

	switch (socket->sa_family) {
	case AF_INET:
		address.family = 4;
		memcpy(address.bytes, &((const struct sockaddr_in *)(const void *)socket)->sin_addr,
		       4);
		break;
	case AF_INET6:
		address.family = IN6_IS_ADDR_V4MAPPED(in6) ? 4 : 6;
		memcpy(address.bytes, in6->s6_addr + (address.family == 4 ? 12 : 0),
		       address_size(&address));
		break;
	default:
		return false;
	}
	*ret_address = address;
	return true;
}

/* Whether all bits of 'address' from 'prefix_length' on are zero. */
static bool host_bits_clear(const struct address *address, unsigned int prefix_length)
{
	for (unsigned int bit = prefix_length; bit < address_size(address) * 8; bit++)
		if (address->bytes[bit / 8] & (0x80 >> bit % 8))
			return false;
	return true;
}

bool cidr_parse(const char *text, struct cidr *ret_cidr)
{
	char address[ADDRESS_TEXT_SIZE];
	const char *slash = strchr(text, '/');
	unsigned long long length;
	struct cidr cidr = {};

	if (!slash || (size_t)(slash - text) >= sizeof(address))
		return false;
	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	if (!address_parse(address, &cidr.address) || strlen(slash + 1) > 3 ||
	    !string_to_unsigned(slash + 1, address_size(&cidr.address) * 8, &length) ||
	    !host_bits_clear(&cidr.address, (unsigned int)length))
		return false;
	cidr.prefix_length = (uint8_t)length;
	*ret_cidr = cidr;
	return true;
}

void cidr_format(const struct cidr *cidr, char ret_text[CIDR_TEXT_SIZE])
{
	char address[ADDRESS_TEXT_SIZE];

	address_format(&cidr->address, address);
	(void)snprintf(ret_text, CIDR_TEXT_SIZE, "%s/%u", address, cidr->prefix_length);
}

bool cidr_contains(const struct cidr *cidr, const struct address *address)
{
	unsigned int whole = cidr->prefix_length / 8, rest = cidr->prefix_length % 8;

	if (cidr->address.family != address->family ||
	    memcmp(cidr->address.bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	       ((cidr->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

bool cidr_equal(const struct cidr *a, const struct cidr *b)
{
	return a->prefix_length == b->prefix_length && address_equal(&a->address, &b->address);
}
