// SPDX-License-Identifier: Apache-2.0
#include "sdk/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

static struct tmirror_request *request_make(const char *action)
{
	struct tmirror_request *request = NULL;

	assert_int_equal(tmirror_request_new(action, &request), 0);
	return request;
}

static void parameters_are_encoded_in_order(void **state _unused_)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;
	_cleanup_text_ struct text body = {};

	request = request_make("CreateTags");
	tmirror_request_append(request, "ResourceId", "tms-1");
	tmirror_request_append(request, "ResourceId", "tms-2");
	tmirror_request_set(request, "Tag.1.Key", "a b+c&d=e*~");
	tmirror_request_set(request, "Tag.1.Value", "\xc3\xa9");
	assert_int_equal(request_encode(request, NULL, &body), 0);
	assert_string_equal(body.data, "Action=CreateTags&Version=2016-11-15&ResourceId.1=tms-1"
				       "&ResourceId.2=tms-2&Tag.1.Key=a%20b%2Bc%26d%3De%2A~"
				       "&Tag.1.Value=%C3%A9");
}

static void the_last_value_stays(void **state _unused_)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;

	request = request_make("A");
	tmirror_request_set(request, "Name", "one");
	tmirror_request_set(request, "Name", "two");
	assert_int_equal(request->parameter_count, 1);
	assert_string_equal(request_get(request, "Name"), "two");
	assert_null(request_get(request, "name"));
}

static void only_creation_wants_a_token(void **state _unused_)
{
	static const struct {
		const char *action;
		bool wants;
	} cases[] = {
		{"CreateTrafficMirrorSession", true},
		{"CreateNetworkInterface", true},
		{"CreateTags", false},
		{"DescribeTags", false},
		{"DeleteTrafficMirrorFilter", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL;

		request = request_make(cases[i].action);
		assert_int_equal(request_wants_token(request), cases[i].wants);
		tmirror_request_set(request, "ClientToken", "mine");
		assert_false(request_wants_token(request));
	}
}

static void an_action_may_name_its_service(void **state _unused_)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL, *copy = NULL;
	_cleanup_text_ struct text body = {};

	request = request_make("iam:CreateUser");
	tmirror_request_set(request, "UserName", "bob");
	assert_false(request_wants_token(request));
	assert_int_equal(request_copy(request, &copy), 0);
	assert_int_equal(request_encode(copy, NULL, &body), 0);
	assert_string_equal(body.data, "Action=CreateUser&Version=2010-05-08&UserName=bob");
	assert_string_equal(copy->service->name, "iam");
	assert_int_equal(tmirror_request_new("i:CreateUser", &copy), -EINVAL);
	assert_int_equal(tmirror_request_new(":CreateUser", &copy), -EINVAL);
}

static void a_copy_stands_alone(void **state _unused_)
{
	_cleanup_(tmirror_request_freep) struct tmirror_request *request = NULL, *copy = NULL;

	request = request_make("A");
	tmirror_request_set(request, "Name", "one");
	assert_int_equal(request_copy(request, &copy), 0);
	tmirror_request_set(request, "Name", "two");
	assert_string_equal(copy->action, "A");
	assert_string_equal(request_get(copy, "Name"), "one");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_encoded_in_order),
		cmocka_unit_test(the_last_value_stays),
		cmocka_unit_test(only_creation_wants_a_token),
		cmocka_unit_test(an_action_may_name_its_service),
		cmocka_unit_test(a_copy_stands_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
