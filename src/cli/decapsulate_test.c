// SPDX-License-Identifier: Apache-2.0
#include "cli/decapsulate.h"

#include "base/cleanup.h"
#include "base/count.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define MACS "\x02\0\0\0\0\x01\x02\0\0\0\0\x02"

/* Copied to the heap, so that reading past the end is seen. */
static bool decapsulate(const void *bytes, size_t size, uint8_t **ret_copy, struct frame *ret_frame)
{
	*ret_copy = malloc(size + !size);
	assert_non_null(*ret_copy);
	memcpy(*ret_copy, bytes, size);
	return tunnel_decapsulate(*ret_copy, size, ret_frame);
}

static void only_vxlan_is_taken(void **state _unused_)
{
	static const uint8_t datagram[] = "\x08\0\0\0\x12\x34\x56\xff" MACS "\x08\x06";
	static const struct {
		size_t size;
		uint8_t flags;
		bool taken;
	} cases[] = {
		{22, 0x08, true},  {22, 0xff, true}, {22, 0x00, false}, {22, 0xf7, false},
		{21, 0x08, false}, {8, 0x08, false}, {7, 0x08, false},  {0, 0x08, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ uint8_t *copy = NULL;
		uint8_t bytes[sizeof(datagram)];
		struct frame frame;

		memcpy(bytes, datagram, sizeof(bytes));
		bytes[0] = cases[i].flags;
		assert_int_equal(decapsulate(bytes, cases[i].size, &copy, &frame), cases[i].taken);
		if (!cases[i].taken)
			continue;
		assert_int_equal(frame.vni, 0x123456);
		assert_int_equal(frame.size, 14);
		assert_ptr_equal(frame.bytes, copy + 8);
	}
}

#define GENEVE(words, flags) words flags "\x65\x58\x12\x34\x56\xff"
#define TIME                 "\x11\x22\x33\x44\x55\x66\x77\x88"
#define OPTION(type, words)  "\xff\x4d" type words
#define OTHER_OPTION(type)     \
	"\x01\x02" type "\x01" \
	"abcd"
#define ROW(bytes, taken, time)                                            \
	{                                                                  \
		bytes MACS "\x08\x06", sizeof(bytes) - 1 + 14, taken, time \
	}

static void geneve_is_taken_with_its_time(void **state _unused_)
{
	static const struct {
		const char *bytes;
		size_t size;
		bool taken;
		uint64_t timestamp;
	} cases[] = {
		ROW(GENEVE("\0", "\0"), true, 0),
		ROW(GENEVE("\x03", "\0") OPTION("\1", "\2") TIME, true, 0x1122334455667788),
		/* Among others, before and behind. */
		ROW(GENEVE("\x07", "\0") OTHER_OPTION("\1") OPTION("\1", "\2")
			    TIME OTHER_OPTION("\2"),
		    true, 0x1122334455667788),
		ROW(GENEVE("\x03", "\0") OPTION("\2", "\2") TIME, true, 0),
		ROW(GENEVE("\x02", "\0") OPTION("\1", "\1") "abcd", true, 0),
		/* Critical, and nobody knows it. */
		ROW(GENEVE("\x02", "\x40") OTHER_OPTION("\x81"), false, 0),
		/* Longer than all options together. */
		ROW(GENEVE("\x02", "\0") OPTION("\1", "\2") TIME, false, 0),
		ROW(GENEVE("\x3f", "\0") OPTION("\1", "\2") TIME, false, 0),
		/* A control message, and a later version, which has no I bit either. */
		ROW(GENEVE("\0", "\x80"), false, 0),
		ROW(GENEVE("\x40", "\0"), false, 0),
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ uint8_t *copy = NULL;
		struct frame frame;

		assert_int_equal(decapsulate(cases[i].bytes, cases[i].size, &copy, &frame),
				 cases[i].taken);
		if (!cases[i].taken)
			continue;
		assert_int_equal(frame.vni, 0x123456);
		assert_int_equal(frame.timestamp, cases[i].timestamp);
		assert_int_equal(frame.size, 14);
		assert_memory_equal(frame.bytes, MACS "\x08\x06", 14);
	}
}

#define GATEWAY(words)                                   \
	words "\0\x08\0\0\0\0\0"                         \
	      "\x01\x08\1\2ENDPOINT\x01\x08\2\2ATTACHED" \
	      "\x01\x08\3\1"                             \
	      "cook"
#define IPV4(version, length, fragment, protocol)                      \
	version "\0\0" length "\0\0" fragment "\0\x40" protocol "\0\0" \
		"srcsdest"
#define UDP   "\xc0\0\x12\xb5\0\0\0\0"
#define VXLAN "\x08\0\0\0\x12\x34\x56\0"

/* 50 bytes are the packet with the shortest frame. */
static void a_gateways_packet_is_unwrapped_twice(void **state _unused_)
{
	static const struct {
		const char *bytes;
		size_t size;
		bool taken;
		uint64_t timestamp;
	} cases[] = {
		ROW(GATEWAY("\x08") IPV4("\x45", "\x32", "\x40", "\x11") UDP VXLAN, true, 0),
		/* Options of IPv4 are passed over, and so are those of a later gateway. */
		ROW(GATEWAY("\x0a") OTHER_OPTION("\1") IPV4("\x45", "\x32", "\x40", "\x11")
			    UDP VXLAN,
		    true, 0),
		ROW(GATEWAY("\x08") IPV4("\x46", "\x36", "\x40", "\x11") "\1\1\1\1" UDP VXLAN, true,
		    0),
		ROW(GATEWAY("\x0a") OTHER_OPTION("\x81") IPV4("\x45", "\x32", "\x40", "\x11")
			    UDP VXLAN,
		    false, 0),
		/* IPv6, a header too short, TCP, a fragment, another fragment, a packet that ends within the frame's header. */
		ROW(GATEWAY("\x08") IPV4("\x65", "\x32", "\x40", "\x11") UDP VXLAN, false, 0),
		ROW(GATEWAY("\x08") IPV4("\x44", "\x32", "\x40", "\x11") UDP VXLAN, false, 0),
		ROW(GATEWAY("\x08") IPV4("\x45", "\x32", "\x40", "\x06") UDP VXLAN, false, 0),
		ROW(GATEWAY("\x08") IPV4("\x45", "\x32", "\x20", "\x11") UDP VXLAN, false, 0),
		ROW(GATEWAY("\x08") IPV4("\x45", "\x32", "\x01", "\x11") UDP VXLAN, false, 0),
		ROW(GATEWAY("\x08") IPV4("\x45", "\x31", "\x40", "\x11") UDP VXLAN, false, 0),
		ROW(GATEWAY("\x08") IPV4("\x4f", "\x32", "\x40", "\x11") UDP VXLAN, false, 0),
		/* Within it no VXLAN, and next to nothing. */
		ROW(GATEWAY("\x08") IPV4("\x45", "\x32", "\x40", "\x11") UDP
		    "\0\0\0\0\x12\x34\x56\0",
		    false, 0),
		ROW(GATEWAY("\x08"), false, 0),
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ uint8_t *copy = NULL;
		struct frame frame;

		assert_int_equal(decapsulate(cases[i].bytes, cases[i].size, &copy, &frame),
				 cases[i].taken);
		if (!cases[i].taken)
			continue;
		assert_int_equal(frame.vni, 0x123456);
		assert_int_equal(frame.timestamp, cases[i].timestamp);
		assert_int_equal(frame.size, 14);
		assert_memory_equal(frame.bytes, MACS "\x08\x06", 14);
	}
}

#define FRAME(bytes) "\x08\0\0\0\0\0\x01\0" MACS bytes

static void the_length_is_what_ip_says(void **state _unused_)
{
	static const struct {
		const char *bytes;
		size_t size;   /* Of the frame. */
		size_t length; /* Expected. */
	} cases[] = {
		{FRAME("\x08\0\x45\0\x05\xdc"), 18, 14 + 1500},
		{FRAME("\x08\0\x45\0\0\x04"), 18, 18}, /* Padding is kept. */
		{FRAME("\x08\0\x45\0\x05"), 17, 17},   /* Cut before the length. */
		{FRAME("\x08\0"), 14, 14},
		{FRAME("\x86\xdd\x60\0\0\0\x05\xb4"), 20, 14 + 40 + 1460},
		{FRAME("\x86\xdd\x60\0\0\0\x05"), 19, 19},
		{FRAME("\x81\0\0\x05\x08\0\x45\0\x05\xdc"), 22, 18 + 1500},
		{FRAME("\x88\xa8\0\x05\x81\0\0\x06\x08\0\x45\0\x05\xdc"), 26, 22 + 1500},
		{FRAME("\x81\0\0\x05\x08"), 17, 17},       /* Cut within the tag. */
		{FRAME("\x08\x06\0\x01\xff\xff"), 18, 18}, /* ARP has no such length. */
		{FRAME("\x81\0\x81\0\x81\0\x81\0"), 20, 20},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ uint8_t *copy = NULL;
		struct frame frame;

		assert_true(decapsulate(cases[i].bytes, 8 + cases[i].size, &copy, &frame));
		assert_int_equal(frame_original_length(&frame), cases[i].length);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_vxlan_is_taken),
		cmocka_unit_test(geneve_is_taken_with_its_time),
		cmocka_unit_test(a_gateways_packet_is_unwrapped_twice),
		cmocka_unit_test(the_length_is_what_ip_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
