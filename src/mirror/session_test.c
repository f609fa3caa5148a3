// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_are_kept),
		cmocka_unit_test(descriptions_are_bounded_in_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
