// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "mirror/filter.h"
#include "mirror/refusals.h"
#include "mirror/session.h"

#include <string.h>

static void bounds_are_kept(void **state)
{
	static const struct {
		uint16_t number;
		uint32_t vni;
		uint16_t packet_length;
		const char *reason; /* Part of it; NULL: valid. */
	} rows[] = {
		{1, 0, 0, NULL},
		{32766, 0xffffff, 8500, NULL},
		{1, 1, 1, NULL}, /* Shorter than any header: the data plane keeps the floor. */
		{0, 0, 0, "session number 0"},
		{32767, 0, 0, "session number 32767"},
		{65535, 0, 0, "session number 65535"},
		{1, 0x1000000, 0, "network id 16777216"},
		{1, UINT32_MAX, 0, "network id 4294967295"},
		{1, 0, 8501, "packet length 8501"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct session session = {.number = rows[i].number,
					  .vni = rows[i].vni,
					  .packet_length = rows[i].packet_length};
		struct refusal why = {};

		assert_int_equal(session_validate(&session, &why), rows[i].reason ? REFUSED : 0);
		if (!rows[i].reason)
			continue;
		assert_int_equal(why.code, REFUSE_PARAMETER_VALUE);
		assert_non_null(strstr(why.text, rows[i].reason));
	}
}

static void descriptions_are_bounded_in_characters(void **state)
{
	struct session session = {.number = 1};

	(void)state;
	for (size_t i = 0; i < DESCRIPTION_LENGTH_MAX; i++)
		strcat(session.description, "😀");
	assert_int_equal(session_validate(&session, NULL), 0);
	strcpy(session.description, "two\nlines");
	assert_int_equal(session_validate(&session, NULL), REFUSED);
	memset(session.description, 'x', DESCRIPTION_LENGTH_MAX + 1);
	session.description[DESCRIPTION_LENGTH_MAX + 1] = '\0';
	assert_int_equal(session_validate(&session, NULL), REFUSED);
}

static void options_have_ranges(void **state)
{
	static const struct {
		struct session_options options;
		const char *reason; /* Part of it; NULL: valid. */
	} rows[] = {
		{{}, NULL},
		{{.packet_sampling = 1}, NULL},
		{{.packet_sampling = SAMPLING_MAX}, NULL},
		{{.packet_sampling = SAMPLING_MAX + 1}, "packet sampling 1000001"},
		{{.flow_sampling = SAMPLING_MAX}, NULL},
		{{.flow_sampling = UINT32_MAX}, "flow sampling 4294967295"},
		{{.packet_sampling = 1, .flow_sampling = 2}, NULL},
		{{.bits_per_second = BITS_PER_SECOND_MIN - 1}, "bits per second 7999"},
		{{.bits_per_second = BITS_PER_SECOND_MIN}, NULL},
		{{.bits_per_second = BITS_PER_SECOND_MAX + 1}, "bits per second 1000000000001"},
		{{.packets_per_second = 1}, NULL},
		{{.packets_per_second = UINT64_MAX}, "packets per second 18446744073709551615"},
		{{.priority = SESSION_PRIORITY_MAX}, NULL},
		{{.priority = SESSION_PRIORITY_MAX + 1}, "priority 4"},
		{{.paused = true, .continues = true, .expires = 1}, NULL},
		{{.expires = -1}, "-1"},
		{{.outer_dscp = DSCP_MAX, .outer_port = UINT16_MAX}, NULL},
		{{.outer_dscp = DSCP_MAX + 1}, "outer DSCP 64"},
		{{.outer_source = {4, {127, 0, 0, 1}}}, NULL},
		{{.outer_source = {4, {223, 255, 255, 255}}}, NULL},
		{{.outer_source = {4, {224}}}, "'224.0.0.0'"},
		{{.outer_source = {4, {255, 255, 255, 255}}}, "'255.255.255.255'"},
		{{.outer_source = {4, {}}}, "'0.0.0.0'"},
		{{.outer_source = {6, {0xfe, 0x80, [15] = 1}}}, NULL},
		{{.outer_source = {6, {0xff, 0x02, [15] = 1}}}, "'ff02::1'"},
		{{.outer_source = {6, {}}}, "'::'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct session session = {.number = 1, .options = rows[i].options};
		struct refusal why = {};
		int r = session_validate(&session, &why);

		if (rows[i].reason ? r != REFUSED || why.code != REFUSE_PARAMETER_VALUE ||
					     !strstr(why.text, rows[i].reason)
				   : r != 0)
			fail_msg("row %zu: %d %s", i, r, why.text);
	}
}

static void packets_or_flows_are_sampled(void **state)
{
	struct session_options options = {.packet_sampling = 2, .flow_sampling = 3};
	struct refusal why = {};

	(void)state;
	assert_int_equal(session_options_validate(&options, &why), REFUSED);
	assert_int_equal(why.code, REFUSE_PARAMETER_COMBINATION);
	assert_non_null(strstr(why.text, "1 in 2"));
}

static void encapsulations_have_names(void **state)
{
	enum encapsulation encapsulation = ENCAPSULATION_VXLAN;

	(void)state;
	assert_true(encapsulation_parse("geneve", &encapsulation));
	assert_int_equal(encapsulation, ENCAPSULATION_GENEVE);
	assert_string_equal(encapsulation_name(encapsulation), "geneve");
	assert_false(encapsulation_parse("gre", &encapsulation));
	assert_int_equal(encapsulation, ENCAPSULATION_GENEVE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_are_kept),
		cmocka_unit_test(descriptions_are_bounded_in_characters),
		cmocka_unit_test(options_have_ranges),
		cmocka_unit_test(packets_or_flows_are_sampled),
		cmocka_unit_test(encapsulations_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
