/* IP addresses and address blocks, of both families in one type. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
	uint8_t family; /* 4 or 6; 0: none. */
	uint8_t bytes
		[16]; /* Network order; an IPv4 address takes the first four, the rest is zero. */
};

/* An address block; the bits beyond 'prefix_length' are zero. */
struct cidr {
	struct address address;
	uint8_t prefix_length;
};

#define ADDRESS_TEXT_SIZE 46
#define CIDR_TEXT_SIZE    50

/* 4 bytes or 16. */
static inline unsigned int address_size(const struct address *address)
{
	return address->family == 4 ? 4 : 16;
}

/* Text of either family, as inet_pton(3) takes it.  Returns false on anything else. */
bool address_parse(const char *text, struct address *ret_address);
void address_format(const struct address *address, char ret_text[ADDRESS_TEXT_SIZE]);

int address_compare(const struct address *a, const struct address *b);
static inline bool address_equal(const struct address *a, const struct address *b)
{
	return address_compare(a, b) == 0;
}

/* Returns the length that socket calls want. */
socklen_t address_to_socket(const struct address *address, uint16_t port,
			    struct sockaddr_storage *ret_socket);
/* An IPv4 client of a socket for both families is what it is: not "::ffff:10.0.0.1", but 10.0.0.1. */
bool address_from_socket(const struct sockaddr *socket, struct address *ret_address);

/* "10.0.0.0/8", "2001:db8::/32".  Returns false unless address and length are well formed and no bit is set
 * beyond the length: EC2 keeps what it is given, and Terraform compares. */
bool cidr_parse(const char *text, struct cidr *ret_cidr);
void cidr_format(const struct cidr *cidr, char ret_text[CIDR_TEXT_SIZE]);

/* False when the families differ. */
bool cidr_contains(const struct cidr *cidr, const struct address *address);
bool cidr_equal(const struct cidr *a, const struct cidr *b);
