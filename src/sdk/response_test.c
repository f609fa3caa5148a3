// SPDX-License-Identifier: Apache-2.0
#include "sdk/response.h"

#include "base/refusal.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static int parse(const char *document, struct tmirror_response **ret_response)
{
	struct refusal why = {};
	int r = response_parse(document, strlen(document), ret_response, &why);

	if (r == REFUSED)
		assert_true(why.text[0] != '\0');
	return r;
}

static const char filters[] =
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	"<DescribeTrafficMirrorFiltersResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">"
	"<requestId>59dbff89</requestId><trafficMirrorFilterSet>\n"
	" <item><trafficMirrorFilterId>tmf-1</trafficMirrorFilterId>"
	"<description>a &lt;b&gt; &amp; <![CDATA[<c>]]> \xc3\xa9</description><tagSet/></item>\n"
	" <item><trafficMirrorFilterId>tmf-2</trafficMirrorFilterId>"
	"<networkServiceSet><item>amazon-dns</item></networkServiceSet></item>\n"
	"</trafficMirrorFilterSet></DescribeTrafficMirrorFiltersResponse>";

static void paths_lead_to_elements(void **state _unused_)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	const struct tmirror_node *root, *item;

	assert_int_equal(parse(filters, &response), 0);
	root = tmirror_response_root(response);
	assert_string_equal(tmirror_node_name(root), "DescribeTrafficMirrorFiltersResponse");
	assert_string_equal(tmirror_node_text(root, "requestId"), "59dbff89");
	assert_null(tmirror_node_text(root, "nextToken"));
	assert_null(tmirror_node_text(root, "requestId/item"));
	assert_null(tmirror_node_text(root, "request"));

	item = tmirror_node_first(tmirror_node_find(root, "trafficMirrorFilterSet"));
	assert_string_equal(tmirror_node_name(item), "item");
	assert_string_equal(tmirror_node_text(item, "description"), "a <b> & <c> \xc3\xa9");
	assert_string_equal(tmirror_node_text(item, "tagSet"), "");
	assert_null(tmirror_node_first(tmirror_node_find(item, "tagSet")));

	item = tmirror_node_next(item);
	assert_string_equal(tmirror_node_text(item, "networkServiceSet/item"), "amazon-dns");
	assert_null(tmirror_node_next(item));
	assert_string_equal(tmirror_node_text(item, ""), "");
}

static void absent_nodes_may_be_asked(void **state _unused_)
{
	assert_null(tmirror_node_find(NULL, "a/b"));
	assert_null(tmirror_node_text(NULL, ""));
	assert_null(tmirror_node_first(NULL));
	assert_null(tmirror_node_next(NULL));
}

static void whatever_is_cut_off_is_refused(void **state _unused_)
{
	for (size_t size = 0; size < sizeof(filters) - 1; size++) {
		struct tmirror_response *response = NULL;
		/* On the heap and without NUL, so that reading past the end is seen. */
		_cleanup_free_ char *copy = malloc(size + !size);

		assert_non_null(copy);
		memcpy(copy, filters, size);
		assert_int_equal(response_parse(copy, size, &response, NULL), REFUSED);
		assert_null(response);
	}
}

static void what_is_no_document_is_refused(void **state _unused_)
{
	static const char *const documents[] = {
		"",
		"Bad gateway",
		"{\"error\": true}",
		"<a><b></a></b>",
		"<a></a><b></b>",
		"<a>&nbsp;</a>",
		"<a>\xff</a>",
		"<a>\x01</a>",
		"<!DOCTYPE a><a/>",
		"<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
		"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
	};

	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		struct tmirror_response *response = NULL;

		assert_int_equal(parse(documents[i], &response), REFUSED);
		assert_null(response);
	}
}

static int parse_nested(unsigned int depth)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_text_ struct text document = {};

	for (unsigned int i = 0; i < depth; i++)
		text_append(&document, "<a>");
	for (unsigned int i = 0; i < depth; i++)
		text_append(&document, "</a>");
	return parse(document.data, &response);
}

static void depth_is_bounded(void **state _unused_)
{
	assert_int_equal(parse_nested(RESPONSE_DEPTH_MAX), 0);
	assert_int_equal(parse_nested(RESPONSE_DEPTH_MAX + 1), REFUSED);
	assert_int_equal(parse_nested(100000), REFUSED);
}

static void many_items_are_kept_in_order(void **state _unused_)
{
	_cleanup_(tmirror_response_freep) struct tmirror_response *response = NULL;
	_cleanup_text_ struct text document = {};
	const struct tmirror_node *item;
	unsigned int count = 0;

	text_append(&document, "<r><set>");
	for (unsigned int i = 0; i < 200000; i++)
		text_printf(&document, "<item><id>%u</id></item>", i);
	text_append(&document, "</set></r>");
	assert_int_equal(parse(document.data, &response), 0);
	item = tmirror_node_first(tmirror_node_find(tmirror_response_root(response), "set"));
	for (; item; item = tmirror_node_next(item))
		assert_int_equal(strtoul(tmirror_node_text(item, "id"), NULL, 10), count++);
	assert_int_equal(count, 200000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_lead_to_elements),
		cmocka_unit_test(absent_nodes_may_be_asked),
		cmocka_unit_test(whatever_is_cut_off_is_refused),
		cmocka_unit_test(what_is_no_document_is_refused),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(many_items_are_kept_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
