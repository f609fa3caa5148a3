// SPDX-License-Identifier: Apache-2.0
/* Ids, filters and pages, asked through the nouns that have them; and tags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "control/fixture.h"

#include <stdio.h>
#include <string.h>

static struct tag tag(const char *key, const char *value)
{
	return (struct tag){(char *)(uintptr_t)key, (char *)(uintptr_t)value};
}

static int put_tags(struct fixture *fixture, const char *id, const struct tag *tags, size_t count)
{
	return control_create_tags(fixture->control, &fixture->user, &id, 1, tags, count,
				   &fixture->why);
}

static int remove_tags(struct fixture *fixture, const char *id, const struct tag *tags,
		       size_t count)
{
	return control_delete_tags(fixture->control, &fixture->user, &id, 1, tags, count,
				   &fixture->why);
}

/* How many interfaces a filter of one name finds. */
static size_t find(struct fixture *fixture, const char *name, const char *value)
{
	const struct query_filter filter = {name, &value, 1};
	struct query query = {.filters = &filter, .filter_count = 1};
	struct interface_page page = {};
	size_t count;

	assert_done(fixture, control_describe_interfaces(fixture->control, &fixture->user, &query,
							 &page, &fixture->why));
	count = page.count;
	interface_page_fini(&page);
	return count;
}

static int describe(struct fixture *fixture, const struct query *query)
{
	struct interface_page page = {};
	int r = control_describe_interfaces(fixture->control, &fixture->user, query, &page,
					    &fixture->why);

	interface_page_fini(&page);
	return r;
}

static void test_filters_of_interfaces(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(find(fixture, "network-interface-id", fixture->eth0), 1);
	assert_int_equal(find(fixture, "network-interface-id", "eni-*"), 3);
	assert_int_equal(find(fixture, "status", "in-use"), 2);
	assert_int_equal(find(fixture, "status", "available"), 1);
	assert_int_equal(find(fixture, "private-ip-address", "192.0.2.10"), 1);
	assert_int_equal(find(fixture, "addresses.private-ip-address", "192.0.2.*"), 1);
	assert_int_equal(find(fixture, "addresses.private-ip-address", "192.0.2.1?"), 1);
	assert_int_equal(find(fixture, "tag:tmirror:device", "tap0"), 1);
	assert_int_equal(find(fixture, "tag:Name", "TAP0"), 0);
	assert_int_equal(find(fixture, "tag-key", "Name"), 2);
	assert_int_equal(find(fixture, "availability-zone", "us-east-1a"), 3);
	assert_int_equal(find(fixture, "attachment.status", "attached"), 2);
	assert_int_equal(find(fixture, "mac-address", "02:00:00:00:00:01"), 2);
	assert_int_equal(find(fixture, "association.public-ip", "*"), 0);
	assert_int_equal(find(fixture, "interface-type", "interface"), 3);
}

static void test_what_a_query_must_not_be(void **state)
{
	struct fixture *fixture = *state;
	const char *const values[201] = {"x"};
	const char *const ids[] = {fixture->eth0, "eni-00000000"};
	struct query_filter filter = {"colour", values, 1};
	struct query query = {.filters = &filter, .filter_count = 1};

	assert_refused(fixture, describe(fixture, &query), REFUSE_PARAMETER_VALUE);
	assert_string_equal(fixture->why.text, "The filter 'colour' is invalid");
	filter.name = "tag:";
	assert_refused(fixture, describe(fixture, &query), REFUSE_PARAMETER_VALUE);
	filter.name = "status";
	filter.value_count = 0;
	assert_refused(fixture, describe(fixture, &query), REFUSE_PARAMETER_VALUE);
	filter.value_count = 201;
	assert_refused(fixture, describe(fixture, &query), REFUSE_PARAMETER_VALUE);
	query = (struct query){.max_results = 4};
	assert_refused(fixture, describe(fixture, &query), REFUSE_PARAMETER_VALUE);
	query.max_results = 1001;
	assert_refused(fixture, describe(fixture, &query), REFUSE_PARAMETER_VALUE);
	query = (struct query){.ids = ids, .id_count = 1, .max_results = 5};
	assert_refused(fixture, describe(fixture, &query), REFUSE_PARAMETER_COMBINATION);
	query = (struct query){.ids = ids, .id_count = 2};
	assert_refused(fixture, describe(fixture, &query), REFUSE_INTERFACE_NOT_FOUND);
	query = (struct query){.next_token = "0123456789abcdef00"};
	assert_refused(fixture, describe(fixture, &query), REFUSE_PAGINATION_TOKEN);
	query.next_token = "rubbish";
	assert_refused(fixture, describe(fixture, &query), REFUSE_PAGINATION_TOKEN);
}

static void test_an_id_twice_answers_once(void **state)
{
	struct fixture *fixture = *state;
	const char *const ids[] = {fixture->eth0, fixture->tap0, fixture->eth0};
	struct query query = {.ids = ids, .id_count = 3};
	struct interface_page page = {};

	assert_done(fixture, control_describe_interfaces(fixture->control, &fixture->user, &query,
							 &page, &fixture->why));
	assert_int_equal(page.count, 2);
	interface_page_fini(&page);
}

/* Every row once, whatever the size of the page. */
static void test_pages(void **state)
{
	struct fixture *fixture = *state;
	char ids[23][RESOURCE_ID_SIZE];

	for (size_t i = 0; i < 23; i++)
		assert_done(fixture, make_filter(fixture, ids[i]));
	for (int64_t size = 5; size <= 25; size += 5) {
		_cleanup_free_ char *token = NULL;
		size_t seen[23] = {}, pages = 0;

		do {
			struct query query = {.max_results = size, .next_token = token};
			struct filter_page page = {};

			assert_done(fixture,
				    control_describe_filters(fixture->control, &fixture->user,
							     &query, &page, &fixture->why));
			assert_true(page.count <= (size_t)size);
			for (size_t i = 0; i < page.count; i++)
				for (size_t j = 0; j < 23; j++)
					seen[j] += strcmp(ids[j], page.items[i].filter.id.text) ==
						   0;
			free(token);
			token = TAKE_PTR(page.next_token);
			filter_page_fini(&page);
			pages++;
		} while (token);
		assert_int_equal(pages, (23 + size - 1) / size);
		for (size_t j = 0; j < 23; j++)
			assert_int_equal(seen[j], 1);
	}
}

static void test_a_token_is_of_its_query(void **state)
{
	struct fixture *fixture = *state;
	const char *const value = "*";
	const struct query_filter filter = {"description", &value, 1};
	struct query query = {.max_results = 5};
	char id[RESOURCE_ID_SIZE];
	struct filter_page page = {};

	for (size_t i = 0; i < 6; i++)
		assert_done(fixture, make_filter(fixture, id));
	assert_done(fixture, control_describe_filters(fixture->control, &fixture->user, &query,
						      &page, &fixture->why));
	assert_non_null(page.next_token);
	query.next_token = page.next_token;
	assert_refused(fixture, describe(fixture, &query), REFUSE_PAGINATION_TOKEN);
	query.filters = &filter;
	query.filter_count = 1;
	assert_refused(fixture, describe(fixture, &query), REFUSE_PAGINATION_TOKEN);
	filter_page_fini(&page);
}

static void test_tag_rules(void **state)
{
	struct fixture *fixture = *state;
	const struct tag reserved[] = {tag("aws:x", ""), tag("tmirror:host", "x"), tag("", "x")};
	const struct tag twice[] = {tag("a", "1"), tag("a", "2")};
	const struct tag one = tag("one", "");
	struct tag many[50];
	char keys[50][8];

	for (size_t i = 0; i < 3; i++)
		assert_refused(fixture, put_tags(fixture, fixture->eth0, &reserved[i], 1),
			       REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, put_tags(fixture, fixture->eth0, twice, 2), REFUSE_TAG_KEY_TWICE);
	assert_refused(fixture, put_tags(fixture, "xyz-1", &one, 1), REFUSE_ID_MALFORMED);
	assert_refused(fixture, put_tags(fixture, "tms-00000000", &one, 1),
		       REFUSE_SESSION_NOT_FOUND);
	assert_refused(fixture, put_tags(fixture, "tmfr-00000000", &one, 1),
		       REFUSE_FILTER_RULE_NOT_FOUND);
	assert_refused(fixture, put_tags(fixture, "vpc-00000000", &one, 1), REFUSE_VPC_NOT_FOUND);
	for (size_t i = 0; i < 50; i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "k%zu", i);
		many[i] = tag(keys[i], "v");
	}
	/* The registered interface has none, the discovered one a name already. */
	assert_done(fixture, put_tags(fixture, fixture->appliance, many, 50));
	assert_done(fixture, put_tags(fixture, fixture->appliance, many, 50));
	assert_refused(fixture, put_tags(fixture, fixture->appliance, &one, 1), REFUSE_TAG_LIMIT);
	assert_refused(fixture, put_tags(fixture, fixture->eth0, many, 50), REFUSE_TAG_LIMIT);
	assert_done(fixture, put_tags(fixture, fixture->eth0, many, 49));
}

static void test_tags_are_set_on_all_or_none(void **state)
{
	struct fixture *fixture = *state;
	const char *const ids[] = {fixture->eth0, "eni-00000000"};
	const struct tag one = tag("one", "");

	assert_refused(fixture,
		       control_create_tags(fixture->control, &fixture->user, ids, 2, &one, 1,
					   &fixture->why),
		       REFUSE_INTERFACE_NOT_FOUND);
	assert_int_equal(find(fixture, "tag-key", "one"), 0);
}

static void test_tags_go(void **state)
{
	struct fixture *fixture = *state;
	const struct tag two[] = {tag("a", "1"), tag("b", "")};
	const struct tag wrong = tag("a", "2"), any = tag("a", NULL), empty = tag("b", "");
	const struct tag reserved = tag("tmirror:host", NULL);

	assert_done(fixture, put_tags(fixture, fixture->eth0, two, 2));
	assert_done(fixture, remove_tags(fixture, fixture->eth0, &wrong, 1));
	assert_int_equal(find(fixture, "tag-key", "a"), 1);
	assert_done(fixture, remove_tags(fixture, fixture->eth0, &any, 1));
	assert_int_equal(find(fixture, "tag-key", "a"), 0);
	assert_done(fixture, remove_tags(fixture, fixture->eth0, &empty, 1));
	assert_int_equal(find(fixture, "tag-key", "b"), 0);
	assert_refused(fixture, remove_tags(fixture, fixture->eth0, &reserved, 1),
		       REFUSE_PARAMETER_VALUE);
	assert_done(fixture, remove_tags(fixture, fixture->eth0, NULL, 0));
	assert_int_equal(find(fixture, "tag:Name", "eth0"), 0);
	assert_int_equal(find(fixture, "tag:tmirror:device", "eth0"), 1);
}

static void test_describe_tags(void **state)
{
	struct fixture *fixture = *state;
	const char *const type = "instance", *const value = "tap?";
	const struct query_filter filters[] = {{"resource-type", &type, 1},
					       {"tag:tmirror:device", &value, 1}};
	struct query query = {.filters = filters, .filter_count = 2};
	struct tag_page page = {};
	size_t total = 0;

	assert_done(fixture, control_describe_tags(fixture->control, &fixture->user, &query, &page,
						   &fixture->why));
	assert_int_equal(page.count, 1);
	assert_int_equal(page.items[0].kind, RESOURCE_INSTANCE);
	assert_string_equal(page.items[0].value, "tap0");
	tag_page_fini(&page);
	query = (struct query){.max_results = 5};
	do {
		struct tag_page next = {};

		query.next_token = page.next_token;
		assert_done(fixture, control_describe_tags(fixture->control, &fixture->user, &query,
							   &next, &fixture->why));
		tag_page_fini(&page);
		page = next;
		total += page.count;
	} while (page.next_token);
	tag_page_fini(&page);
	/* The host's instance two, the guest's three, and four on each device. */
	assert_int_equal(total, 13);
}

static void test_the_site(void **state)
{
	struct fixture *fixture = *state;
	struct site site = control_get_site(fixture->control, &fixture->user);
	const char *const names[] = {"us-east-1a", "us-east-1-az1"};
	const char *vpc = site.vpc.text, *region = "eu-north-1", *cidr = SITE_CIDR_IPV4;
	const struct tag one = tag("one", "");
	struct site_page page = {};
	struct query query = {.ids = &vpc, .id_count = 1};

	assert_done(fixture, put_tags(fixture, vpc, &one, 1));
	assert_done(fixture, control_describe_vpcs(fixture->control, &fixture->user, &query, &page,
						   &fixture->why));
	assert_int_equal(page.count, 1);
	assert_non_null(tags_get(&page.items[0].tags, "one"));
	site_page_fini(&page);
	assert_refused(fixture,
		       control_describe_subnets(fixture->control, &fixture->user, &query, &page,
						&fixture->why),
		       REFUSE_PARAMETER_VALUE);
	query = (struct query){.ids = names, .id_count = 2};
	assert_done(fixture, control_describe_zones(fixture->control, &fixture->user, &query, &page,
						    &fixture->why));
	assert_int_equal(page.count, 1);
	site_page_fini(&page);
	query.ids = &region;
	query.id_count = 1;
	assert_refused(fixture,
		       control_describe_regions(fixture->control, &fixture->user, &query, &page,
						&fixture->why),
		       REFUSE_REGION_NOT_FOUND);
	query = (struct query){.filters = &(struct query_filter){"cidr-block", &cidr, 1},
			       .filter_count = 1};
	assert_done(fixture, control_describe_subnets(fixture->control, &fixture->user, &query,
						      &page, &fixture->why));
	assert_int_equal(page.count, 1);
	site_page_fini(&page);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_filters_of_interfaces),
		TEST(test_what_a_query_must_not_be),
		TEST(test_an_id_twice_answers_once),
		TEST(test_pages),
		TEST(test_a_token_is_of_its_query),
		TEST(test_tag_rules),
		TEST(test_tags_are_set_on_all_or_none),
		TEST(test_tags_go),
		TEST(test_describe_tags),
		TEST(test_the_site),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
