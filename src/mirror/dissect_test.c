// SPDX-License-Identifier: Apache-2.0
/* What is compared here by hand, tests/clients/test_peek.py compares with what scapy makes of packets drawn at random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mirror/dissect.h"

#include "base/count.h"
#include "base/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MACS           \
	"020000000002" \
	"020000000001"
#define IPV4(total, flags, protocol)                 \
	"45"                                         \
	"00" total "0001" flags "40" protocol "0000" \
	"c0000201"                                   \
	"c0000202"
#define IPV6(length, next)                 \
	"60000000" length next "40"        \
	"20010db8000000000000000000000001" \
	"20010db8000000000000000000000002"

static const struct {
	const char *bytes, *line;
} examples[] = {
	{MACS "0800" IPV4("0028", "4000", "06") "9c4001bb0000000700000000500201000000",
	 "192.0.2.1:40000 > 192.0.2.2:443 TCP [cut]"},
	{MACS "0800" IPV4("0028", "4000", "06") "9c4001bb00000007000000005002010000000000",
	 "192.0.2.1:40000 > 192.0.2.2:443 TCP [SYN] seq 7 win 256 length 0"},
	{MACS "0800" IPV4("0032", "4000", "06") "9c4001bb00000007000000095018010000000000",
	 "192.0.2.1:40000 > 192.0.2.2:443 TCP [PSH,ACK] seq 7 ack 9 win 256 length 10"},
	{MACS "0800" IPV4("0032", "4000", "06") "9c4001bb00000007000000094018010000000000",
	 "192.0.2.1:40000 > 192.0.2.2:443 TCP [PSH,ACK] seq 7 ack 9 [malformed]"},
	{MACS "81000064"
	      "0800" IPV4("0024", "0000", "11") "1b581b5900100000",
	 "VLAN 100 192.0.2.1:7000 > 192.0.2.2:7001 UDP length 8"},
	{MACS "88a80005"
	      "81000064"
	      "0806"
	      "0001080006040001"
	      "020000000001"
	      "c0000201"
	      "000000000000"
	      "c0000202",
	 "VLAN 5 VLAN 100 ARP who has 192.0.2.2? tell 192.0.2.1"},
	{MACS "0806"
	      "0001080006040002"
	      "020000000001"
	      "c0000201"
	      "020000000002"
	      "c0000202",
	 "ARP 192.0.2.1 is at 02:00:00:00:00:01"},
	{MACS "0806"
	      "0001080006040009"
	      "020000000001"
	      "c0000201"
	      "020000000002"
	      "c0000202",
	 "ARP operation 9"},
	{MACS "0800" IPV4("0024", "2000", "11") "1b581b5905dc0000",
	 "192.0.2.1:7000 > 192.0.2.2:7001 UDP length 1492 first fragment"},
	{MACS "0800" IPV4("0024", "00b9", "11") "1b581b5905dc0000",
	 "192.0.2.1 > 192.0.2.2 UDP length 16 fragment at 1480"},
	{MACS "0800" IPV4("0054", "0000", "01") "08000000000900010102",
	 "192.0.2.1 > 192.0.2.2 ICMP echo request id 9 seq 1 length 56"},
	{MACS "0800" IPV4("0038", "0000", "01") "0303000000000000",
	 "192.0.2.1 > 192.0.2.2 ICMP unreachable code 3 length 28"},
	{MACS "0800" IPV4("0030", "0000", "2f") "0000", "192.0.2.1 > 192.0.2.2 GRE length 28"},
	{MACS "0800" IPV4("0030", "0000", "c8") "0000",
	 "192.0.2.1 > 192.0.2.2 protocol 200 length 28"},
	{MACS "0800" IPV4("0012", "0000", "11"), "IPv4 [malformed]"},
	{MACS "0800"
	      "4500",
	 "[cut]"},
	{MACS "86dd" IPV6("0014", "06") "9c4001bb00000007000000005014010000000000",
	 "[2001:db8::1]:40000 > [2001:db8::2]:443 TCP [RST,ACK] seq 7 ack 0 win 256 length 0"},
	{MACS "86dd" IPV6("0020", "3a") "8700000000000000"
					"20010db8000000000000000000000002",
	 "2001:db8::1 > 2001:db8::2 ICMPv6 neighbour solicitation of 2001:db8::2"},
	{MACS "86dd" IPV6("0020", "3a") "8000000000070008",
	 "2001:db8::1 > 2001:db8::2 ICMPv6 echo request id 7 seq 8 length 24"},
	{MACS "86dd" IPV6("0018", "00") "1100000000000000"
					"1b581b5900100000",
	 "[2001:db8::1]:7000 > [2001:db8::2]:7001 UDP length 8"},
	{MACS "86dd" IPV6("0018", "00") "110000", "2001:db8::1 > 2001:db8::2 protocol 0 [cut]"},
	{MACS "86dd" IPV6("0028", "00") "1102000000000000"
					"1b581b59",
	 "2001:db8::1 > 2001:db8::2 protocol 0 [cut]"},
	{MACS "86dd" IPV6("0018", "2c") "110005a900000001"
					"1b581b5900100000",
	 "2001:db8::1 > 2001:db8::2 UDP length 16 fragment at 1448"},
	{MACS "86dd" IPV6("0000", "3b"), "2001:db8::1 > 2001:db8::2 protocol 59 length 0"},
	{MACS "0800" IPV4("0030", "0000", "84") "0b590b5a0000000a00000000"
						"01000010",
	 "192.0.2.1:2905 > 192.0.2.2:2906 SCTP INIT tag 10 length 16"},
	{MACS "88cc"
	      "0207",
	 "02:00:00:00:00:01 > 02:00:00:00:00:02 EtherType 0x88cc length 60"},
	{MACS "0026"
	      "4242",
	 "02:00:00:00:00:01 > 02:00:00:00:00:02 802.3 length 38"},
	{"0200", "[cut]"},
	{"", "[cut]"},
};

static size_t bytes_of(const char *hex, uint8_t *ret_bytes)
{
	size_t size = strlen(hex) / 2;

	for (size_t i = 0; i < size; i++) {
		unsigned int byte;

		assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
		ret_bytes[i] = (uint8_t)byte;
	}
	return size;
}

static void test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		char line[DISSECT_TEXT_SIZE];
		uint8_t bytes[256];

		dissect_packet(bytes, bytes_of(examples[i].bytes, bytes), 60, line);
		assert_string_equal(line, examples[i].line);
	}
}

/* However short, from memory of that size, so that sanitizers see what is read beyond. */
static void test_every_cut_has_a_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++) {
		uint8_t whole[256];
		size_t size = bytes_of(examples[i].bytes, whole);

		for (size_t left = 0; left <= size; left++) {
			uint8_t *bytes = malloc(left + 1);
			char line[DISSECT_TEXT_SIZE];

			assert_non_null(bytes);
			memcpy(bytes + 1, whole, left);
			dissect_packet(bytes + 1, left, 60, line);
			assert_string_not_equal(line, "");
			free(bytes);
		}
	}
}

static void test_any_change_has_a_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(examples) * 200; i++) {
		uint8_t bytes[256] = {};
		size_t size = bytes_of(examples[i % ARRAY_SIZE(examples)].bytes, bytes);
		char line[DISSECT_TEXT_SIZE];

		for (size_t j = 0; size > 0 && j < 3; j++)
			bytes[random_number() % size] = (uint8_t)random_number();
		dissect_packet(bytes, size, 60, line);
		for (const char *c = line; *c; c++)
			assert_in_range(*c, ' ', '~');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_every_cut_has_a_line),
		cmocka_unit_test(test_any_change_has_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
