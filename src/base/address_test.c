// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/address.h"
#include "base/count.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 200000

static void address_text_survives(void **state)
{
	static const struct {
		const char *text, *canonical; /* NULL: not an address. */
	} rows[] = {
		{"10.0.0.1", "10.0.0.1"},
		{"255.255.255.255", "255.255.255.255"},
		{"::", "::"},
		{"2001:DB8:0:0::1", "2001:db8::1"},
		{"::ffff:10.0.0.1", "::ffff:10.0.0.1"},
		{"", NULL},
		{"10.0.0", NULL},
		{"10.0.0.256", NULL},
		{"10.0.0.01", NULL},
		{"10.0.0.1 ", NULL},
		{"fe80::1%eth0", NULL},
		{"1::2::3", NULL},
		{"example.com", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct address address;
		char text[ADDRESS_TEXT_SIZE];

		assert_int_equal(address_parse(rows[i].text, &address), rows[i].canonical != NULL);
		if (!rows[i].canonical)
			continue;
		address_format(&address, text);
		assert_string_equal(text, rows[i].canonical);
	}
}

static void no_address_has_no_text(void **state)
{
	char text[ADDRESS_TEXT_SIZE] = "before";

	(void)state;
	address_format(&(struct address){}, text);
	assert_string_equal(text, "");
}

static void addresses_are_ordered(void **state)
{
	static const char *const ascending[] = {"1.2.3.4", "1.2.3.5", "200.0.0.0", "::1",
						"102:304::"};
	struct address a, b = {};

	(void)state;
	assert_true(address_equal(&b, &(struct address){}));
	for (size_t i = 0; i < ARRAY_SIZE(ascending); i++) {
		a = b;
		assert_true(address_parse(ascending[i], &b));
		assert_true(address_compare(&a, &b) < 0);
		assert_true(address_compare(&b, &a) > 0);
		assert_true(address_equal(&b, &b));
	}
}

static void sockets_take_addresses(void **state)
{
	static const char *const rows[] = {"192.0.2.7", "2001:db8::7"};
	static const sa_family_t families[] = {AF_INET, AF_INET6};
	static const struct sockaddr unknown = {.sa_family = AF_UNIX};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct address address, back;
		struct sockaddr_storage socket;

		assert_true(address_parse(rows[i], &address));
		assert_int_equal(address_to_socket(&address, 4789, &socket),
				 i == 0 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
		assert_int_equal(socket.ss_family, families[i]);
		/* The port is at the same place in both families. */
		assert_int_equal(((struct sockaddr_in *)&socket)->sin_port, htons(4789));
		assert_true(address_from_socket((struct sockaddr *)&socket, &back));
		assert_true(address_equal(&address, &back));
		assert_false(address_from_socket(&unknown, &back));
	}
}

static void mapped_address_is_unmapped(void **state)
{
	struct sockaddr_storage socket;
	struct address address, back;
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_true(address_parse("::ffff:10.1.2.3", &address));
	(void)address_to_socket(&address, 1, &socket);
	assert_true(address_from_socket((struct sockaddr *)&socket, &back));
	address_format(&back, text);
	assert_string_equal(text, "10.1.2.3");
}

static void cidr_text_survives(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} rows[] = {
		{"0.0.0.0/0", true},
		{"10.0.0.0/8", true},
		{"10.1.2.3/32", true},
		{"128.0.0.0/1", true},
		{"::/0", true},
		{"2001:db8::/32", true},
		{"2001:db8::1/128", true},
		{"8000::/1", true},
		{"10.0.0.1/8", false},
		{"10.0.0.0/33", false},
		{"10.0.0.0", false},
		{"10.0.0.0/", false},
		{"10.0.0.0/-1", false},
		{"10.0.0.0/ 8", false},
		{"10.0.0.0/8/8", false},
		{"/8", false},
		{"10.0.0.0/0008", false},
		{"2001:db8::1/32", false},
		{"::/129", false},
		{"::1/127", false},
		{"10.0.0.0/8x", false},
		{"10.0/16", false},
		{"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/0", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct cidr cidr;
		char text[CIDR_TEXT_SIZE];

		assert_int_equal(cidr_parse(rows[i].text, &cidr), rows[i].valid);
		if (!rows[i].valid)
			continue;
		cidr_format(&cidr, text);
		assert_string_equal(text, rows[i].text);
	}
}

/* What "contains" means, one bit after the other. */
static bool contains_by_bits(const struct cidr *cidr, const struct address *address)
{
	if (cidr->address.family != address->family)
		return false;
	for (unsigned int bit = 0; bit < cidr->prefix_length; bit++)
		if ((cidr->address.bytes[bit / 8] ^ address->bytes[bit / 8]) & (0x80 >> bit % 8))
			return false;
	return true;
}

static struct address random_address(void)
{
	struct address address = {.family = random() % 2 ? 4 : 6};

	for (unsigned int i = 0; i < address_size(&address); i++)
		address.bytes[i] = (uint8_t)random();
	return address;
}

/* Addresses differ from the block's in at most one bit, so that both answers are common. */
static void cidr_contains_what_its_bits_say(void **state)
{
	size_t contained = 0;

	(void)state;
	srandom(1);
	for (size_t i = 0; i < ROUNDS; i++) {
		struct address address = random_address();
		unsigned int bits = address_size(&address) * 8, flipped;
		struct cidr cidr = {.address = address,
				    .prefix_length =
					    (uint8_t)((unsigned long)random() % (bits + 1))};

		for (unsigned int bit = cidr.prefix_length; bit < bits; bit++)
			cidr.address.bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
		flipped = (unsigned int)random() % bits;
		address.bytes[flipped / 8] ^= (uint8_t)(0x80 >> flipped % 8);
		assert_int_equal(cidr_contains(&cidr, &address), contains_by_bits(&cidr, &address));
		assert_int_equal(cidr_contains(&cidr, &address), flipped >= cidr.prefix_length);
		contained += cidr_contains(&cidr, &address);
	}
	assert_in_range(contained, ROUNDS / 4, ROUNDS * 3 / 4);
}

static void families_do_not_mix(void **state)
{
	struct cidr all4, all6;
	struct address four, six;

	(void)state;
	assert_true(cidr_parse("0.0.0.0/0", &all4));
	assert_true(cidr_parse("::/0", &all6));
	assert_true(address_parse("10.0.0.1", &four));
	assert_true(address_parse("::ffff:10.0.0.1", &six));
	assert_true(cidr_contains(&all4, &four));
	assert_false(cidr_contains(&all4, &six));
	assert_true(cidr_contains(&all6, &six));
	assert_false(cidr_contains(&all6, &four));
	assert_false(cidr_equal(&all4, &all6));
	assert_true(cidr_equal(&all4, &all4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(address_text_survives),
		cmocka_unit_test(no_address_has_no_text),
		cmocka_unit_test(addresses_are_ordered),
		cmocka_unit_test(sockets_take_addresses),
		cmocka_unit_test(mapped_address_is_unmapped),
		cmocka_unit_test(cidr_text_survives),
		cmocka_unit_test(cidr_contains_what_its_bits_say),
		cmocka_unit_test(families_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
