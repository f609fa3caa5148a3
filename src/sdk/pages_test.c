// SPDX-License-Identifier: Apache-2.0
#include "base/count.h"
#include "sdk/request.h"
#include "sdk/response.h"
#include "sdk/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

DEFINE_CLEANUP(struct tmirror_pages *, tmirror_pages_free)

#define PAGE(items, token)                                                        \
	{                                                                         \
		.status = 200, .document = "<R><set>" items "</set>" token "</R>" \
	}
#define ITEM(id)     "<item><id>" id "</id></item>"
#define TOKEN(token) "<nextToken>" token "</nextToken>"

/* Walks over all pages; writes the ids down. */
static int walk_through(const char *action, const char *set, const struct script_line *lines,
			size_t count, struct script *script, struct text *ret_ids)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_(tmirror_client_freep) struct tmirror_client *client = NULL;
	_cleanup_(tmirror_pages_freep) struct tmirror_pages *pages = NULL;
	const struct tmirror_node *item;
	struct tmirror_error error;
	int r;

	assert_int_equal(script_open(script, lines, count, &client), 0);
	assert_int_equal(tmirror_request_new(action, &request), 0);
	assert_int_equal(tmirror_pages_new(client, request, set, &pages), 0);
	while ((r = tmirror_pages_next(pages, &item, &error)) == 0)
		text_append(ret_ids, tmirror_node_text(item, "id"));
	if (r == TMIRROR_END)
		assert_int_equal(tmirror_pages_next(pages, &item, &error), TMIRROR_END);
	return r;
}

static int walk(const struct script_line *lines, size_t count, struct script *script,
		struct text *ret_ids)
{
	return walk_through("DescribeTags", "set", lines, count, script, ret_ids);
}

static void pages_are_one_sequence(void **state _unused_)
{
	static const struct script_line lines[] = {
		PAGE(ITEM("1") ITEM("2"), TOKEN("x&amp;y")),
		PAGE("", TOKEN("z")),
		PAGE(ITEM("3"), TOKEN("")),
	};
	_cleanup_text_ struct text ids = {};
	struct script script;

	assert_int_equal(walk(lines, ARRAY_SIZE(lines), &script, &ids), TMIRROR_END);
	assert_string_equal(ids.data, "123");
	assert_null(strstr(script.bodies[0], "NextToken"));
	assert_non_null(strstr(script.bodies[1], "&NextToken=x%26y"));
	assert_non_null(strstr(script.bodies[2], "&NextToken=z"));
	script_fini(&script);
}

static void iam_turns_pages_in_its_own_way(void **state _unused_)
{
	static const struct script_line lines[] = {
		{.status = 200,
		 .document =
			 "<ListUsersResponse><ListUsersResult><Users><member><id>1</id></member>"
			 "</Users><IsTruncated>true</IsTruncated><Marker>x</Marker>"
			 "</ListUsersResult></ListUsersResponse>"},
		{.status = 200,
		 .document =
			 "<ListUsersResponse><ListUsersResult><Users><member><id>2</id></member>"
			 "</Users></ListUsersResult></ListUsersResponse>"},
	};
	_cleanup_text_ struct text ids = {};
	struct script script;

	assert_int_equal(walk_through("iam:ListUsers", "ListUsersResult/Users", lines,
				      ARRAY_SIZE(lines), &script, &ids),
			 TMIRROR_END);
	assert_string_equal(ids.data, "12");
	assert_non_null(strstr(script.bodies[1], "&Marker=x"));
	script_fini(&script);
}

static void nothing_is_a_sequence_too(void **state _unused_)
{
	static const struct script_line lines[] = {{.status = 200, .document = "<R/>"}};
	_cleanup_text_ struct text ids = {};
	struct script script;

	assert_int_equal(walk(lines, 1, &script, &ids), TMIRROR_END);
	assert_int_equal(ids.length, 0);
	script_fini(&script);
}

static void a_circle_is_noticed(void **state _unused_)
{
	static const struct script_line lines[] = {
		PAGE(ITEM("1"), TOKEN("x")),
		PAGE(ITEM("1"), TOKEN("x")),
	};
	_cleanup_text_ struct text ids = {};
	struct script script;

	assert_int_equal(walk(lines, ARRAY_SIZE(lines), &script, &ids), TMIRROR_UNUSABLE);
	script_fini(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_one_sequence),
		cmocka_unit_test(iam_turns_pages_in_its_own_way),
		cmocka_unit_test(nothing_is_a_sequence_too),
		cmocka_unit_test(a_circle_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
