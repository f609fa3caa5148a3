// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "control/fixture.h"

#include <string.h>

static void get_filter(struct fixture *fixture, const char *id, struct filter_page *page)
{
	struct query query = {.ids = &id, .id_count = 1};

	assert_done(fixture, control_describe_filters(fixture->control, &fixture->user, &query,
						      page, &fixture->why));
	assert_int_equal(page->count, 1);
}

static int services(struct fixture *fixture, const char *filter, const char *add,
		    const char *remove, unsigned int *ret_services)
{
	struct services_change change = {
		.filter = filter,
		.add = &add,
		.add_count = add ? 1 : 0,
		.remove = &remove,
		.remove_count = remove ? 1 : 0,
	};
	struct filter_record changed = {};
	int r = control_modify_services(fixture->control, &fixture->user, &change, &changed,
					&fixture->why);

	*ret_services = changed.filter.services;
	filter_record_fini(&changed);
	return r;
}

static void test_network_services(void **state)
{
	struct fixture *fixture = *state;
	char id[RESOURCE_ID_SIZE];
	unsigned int now;

	assert_done(fixture, make_filter(fixture, id));
	for (int i = 0; i < 2; i++) {
		assert_done(fixture, services(fixture, id, "amazon-dns", NULL, &now));
		assert_int_equal(now, SERVICE_AMAZON_DNS);
	}
	assert_refused(fixture, services(fixture, id, "amazon-dns", "amazon-dns", &now),
		       REFUSE_PARAMETER_COMBINATION);
	for (int i = 0; i < 2; i++) {
		assert_done(fixture, services(fixture, id, NULL, "amazon-dns", &now));
		assert_int_equal(now, 0);
	}
	assert_refused(fixture, services(fixture, id, "ntp", NULL, &now), REFUSE_PARAMETER_VALUE);
	assert_refused(fixture, services(fixture, "tmf-00000000", NULL, NULL, &now),
		       REFUSE_FILTER_NOT_FOUND);
}

static void test_rules_are_listed_in_order(void **state)
{
	struct fixture *fixture = *state;
	char id[RESOURCE_ID_SIZE], rule[RESOURCE_ID_SIZE];
	struct filter_page page = {};

	assert_done(fixture, make_filter(fixture, id));
	assert_done(fixture, make_rule(fixture, id, "egress", 100, rule));
	assert_done(fixture, make_rule(fixture, id, "ingress", 200, rule));
	assert_done(fixture, make_rule(fixture, id, "ingress", 100, rule));
	assert_refused(fixture, make_rule(fixture, id, "ingress", 100, rule),
		       REFUSE_RULE_NUMBER_TAKEN);
	get_filter(fixture, id, &page);
	assert_int_equal(page.items[0].filter.rule_count, 3);
	assert_int_equal(page.items[0].filter.rules[0].direction, DIRECTION_INGRESS);
	assert_int_equal(page.items[0].filter.rules[0].number, 100);
	assert_int_equal(page.items[0].filter.rules[2].direction, DIRECTION_EGRESS);
	filter_page_fini(&page);
}

static int create(struct fixture *fixture, const char *filter, struct rule_fields fields)
{
	struct rule_wish wish = {.filter = filter, .fields = fields};
	struct rule_record made = {};
	int r = control_create_rule(fixture->control, &fixture->user, &wish, &made, &fixture->why);

	rule_record_fini(&made);
	return r;
}

static void test_bad_rules_are_refused(void **state)
{
	struct fixture *fixture = *state;
	const struct rule_fields good = {"ingress", NUMBER(1),    "accept",
					 NUMBER(6), "10.0.0.0/8", "0.0.0.0/0"};
	char id[RESOURCE_ID_SIZE];
	struct rule_fields bad;

	assert_done(fixture, make_filter(fixture, id));
#define BAD(change, code)                                                \
	do {                                                             \
		bad = good;                                              \
		change;                                                  \
		assert_refused(fixture, create(fixture, id, bad), code); \
	} while (0)
	BAD(bad.direction = "sideways", REFUSE_PARAMETER_VALUE);
	BAD(bad.direction = NULL, REFUSE_PARAMETER_MISSING);
	BAD(bad.number.set = false, REFUSE_PARAMETER_MISSING);
	BAD(bad.number.value = 0, REFUSE_PARAMETER_VALUE);
	BAD(bad.number.value = 32767, REFUSE_PARAMETER_VALUE);
	BAD(bad.action = "drop", REFUSE_PARAMETER_VALUE);
	BAD(bad.protocol.value = 256, REFUSE_PARAMETER_VALUE);
	BAD(bad.protocol.value = -1, REFUSE_PARAMETER_VALUE);
	BAD(bad.source = "10.0.0.1/8", REFUSE_PARAMETER_VALUE);
	BAD(bad.source = NULL, REFUSE_PARAMETER_MISSING);
	BAD(bad.destination = "::/0", REFUSE_PARAMETER_VALUE);
	BAD((bad.source_ports.from = NUMBER(2), bad.source_ports.to = NUMBER(1)),
	    REFUSE_PARAMETER_VALUE);
	BAD((bad.source_ports.from = NUMBER(0), bad.source_ports.to = NUMBER(65536)),
	    REFUSE_PARAMETER_VALUE);
	BAD(bad.source_ports.from = NUMBER(2), REFUSE_PARAMETER_MISSING);
	BAD((bad.protocol = NUMBER(1), bad.destination_ports.from = NUMBER(1),
	     bad.destination_ports.to = NUMBER(1)),
	    REFUSE_PARAMETER_COMBINATION);
#undef BAD
	assert_done(fixture, create(fixture, id, good));
	assert_refused(fixture, create(fixture, "tmf-00000000", good), REFUSE_FILTER_NOT_FOUND);
}

static int modify(struct fixture *fixture, const char *rule, struct rule_fields fields,
		  unsigned int remove, struct filter_rule *ret_rule)
{
	struct rule_change change = {.rule = rule, .fields = fields, .remove = remove};
	struct rule_record changed = {};
	int r = control_modify_rule(fixture->control, &fixture->user, &change, &changed,
				    &fixture->why);

	*ret_rule = changed.rule;
	rule_record_fini(&changed);
	return r;
}

static void test_modify_rule(void **state)
{
	struct fixture *fixture = *state;
	const struct rule_fields nothing = {};
	const struct port_range_wish ports = {NUMBER(80), NUMBER(81)};
	char filter[RESOURCE_ID_SIZE], id[RESOURCE_ID_SIZE], other[RESOURCE_ID_SIZE];
	struct rule_fields fields;
	struct filter_rule rule;

	assert_done(fixture, make_filter(fixture, filter));
	assert_done(fixture, make_rule(fixture, filter, "ingress", 1, id));
	assert_done(fixture, make_rule(fixture, filter, "egress", 1, other));
	assert_done(fixture, modify(fixture, id, nothing, 0, &rule));

	fields = (struct rule_fields){.destination_ports = ports};
	assert_refused(fixture, modify(fixture, id, fields, 0, &rule),
		       REFUSE_PARAMETER_COMBINATION);
	fields.protocol = NUMBER(17);
	fields.description = "web";
	assert_done(fixture, modify(fixture, id, fields, 0, &rule));
	assert_int_equal(rule.protocol, 17);
	assert_int_equal(rule.destination_ports.to, 81);
	assert_refused(fixture, modify(fixture, id, fields, RULE_FIELD_DESTINATION_PORTS, &rule),
		       REFUSE_PARAMETER_COMBINATION);
	assert_refused(fixture, modify(fixture, id, nothing, RULE_FIELD_PROTOCOL, &rule),
		       REFUSE_PARAMETER_COMBINATION);

	fields = (struct rule_fields){.protocol = NUMBER(0)};
	assert_done(fixture, modify(fixture, id, fields,
				    RULE_FIELD_PROTOCOL | RULE_FIELD_DESTINATION_PORTS |
					    RULE_FIELD_SOURCE_PORTS | RULE_FIELD_DESCRIPTION,
				    &rule));
	assert_int_equal(rule.protocol, PROTOCOL_ANY);
	assert_false(rule.destination_ports.set);
	assert_string_equal(rule.description, "");

	fields = (struct rule_fields){.direction = "egress"};
	assert_refused(fixture, modify(fixture, id, fields, 0, &rule), REFUSE_RULE_NUMBER_TAKEN);
	fields.number = NUMBER(2);
	assert_done(fixture, modify(fixture, id, fields, 0, &rule));
	assert_int_equal(rule.direction, DIRECTION_EGRESS);
	assert_refused(fixture, modify(fixture, "tmfr-00000000", nothing, 0, &rule),
		       REFUSE_FILTER_RULE_NOT_FOUND);
}

static void test_quotas(void **state)
{
	struct limits limits = LIMITS_DEFAULT;
	char filter[RESOURCE_ID_SIZE], rule[RESOURCE_ID_SIZE];
	struct fixture own, *fixture = &own;

	(void)state;
	fixture_open(fixture, NULL);
	assert_done(fixture, make_filter(fixture, filter));
	for (int64_t i = 1; i <= 10; i++)
		assert_done(fixture,
			    make_rule(fixture, filter, i % 2 ? "ingress" : "egress", i, rule));
	assert_refused(fixture, make_rule(fixture, filter, "egress", 11, rule),
		       REFUSE_FILTER_RULE_LIMIT);
	fixture_close(fixture);

	limits.rules_per_filter = 12;
	limits.filters = 1;
	fixture_open(fixture, &limits);
	assert_done(fixture, make_filter(fixture, filter));
	assert_refused(fixture, make_filter(fixture, filter), REFUSE_FILTER_LIMIT);
	for (int64_t i = 1; i <= 12; i++)
		assert_done(fixture, make_rule(fixture, filter, "ingress", i, rule));
	assert_refused(fixture, make_rule(fixture, filter, "egress", 1, rule),
		       REFUSE_FILTER_RULE_LIMIT);
	fixture_close(fixture);
}

static void test_rules_go_with_their_filter(void **state)
{
	struct fixture *fixture = *state;
	char filter[RESOURCE_ID_SIZE], rule[RESOURCE_ID_SIZE];
	struct tag_page tags = {};
	struct tag tag = {(char *)(uintptr_t) "k", (char *)(uintptr_t) "v"};
	const char *id = rule;
	struct query query = {.filters = &(struct query_filter){"key", (const char *[]){"k"}, 1},
			      .filter_count = 1};

	assert_done(fixture, make_filter(fixture, filter));
	assert_done(fixture, make_rule(fixture, filter, "ingress", 1, rule));
	assert_done(fixture, control_create_tags(fixture->control, &fixture->user, &id, 1, &tag, 1,
						 &fixture->why));
	assert_done(fixture,
		    control_delete_filter(fixture->control, &fixture->user, filter, &fixture->why));
	assert_refused(fixture,
		       control_delete_rule(fixture->control, &fixture->user, rule, &fixture->why),
		       REFUSE_FILTER_RULE_NOT_FOUND);
	assert_done(fixture, control_describe_tags(fixture->control, &fixture->user, &query, &tags,
						   &fixture->why));
	assert_int_equal(tags.count, 0);
	tag_page_fini(&tags);
}

static void test_describe_rules(void **state)
{
	struct fixture *fixture = *state;
	char first[RESOURCE_ID_SIZE], second[RESOURCE_ID_SIZE], rule[RESOURCE_ID_SIZE];
	const char *id = rule;
	struct rule_page page = {};

	assert_done(fixture, make_filter(fixture, first));
	assert_done(fixture, make_filter(fixture, second));
	assert_done(fixture, make_rule(fixture, first, "ingress", 1, rule));
	assert_done(fixture, make_rule(fixture, second, "ingress", 1, rule));
	assert_done(fixture, control_describe_rules(fixture->control, &fixture->user, NULL,
						    &(struct query){}, &page, &fixture->why));
	assert_int_equal(page.count, 2);
	rule_page_fini(&page);
	assert_done(fixture, control_describe_rules(fixture->control, &fixture->user, first,
						    &(struct query){}, &page, &fixture->why));
	assert_int_equal(page.count, 1);
	assert_string_equal(page.items[0].rule.filter.text, first);
	rule_page_fini(&page);
	assert_refused(fixture,
		       control_describe_rules(fixture->control, &fixture->user, first,
					      &(struct query){.ids = &id, .id_count = 1}, &page,
					      &fixture->why),
		       REFUSE_FILTER_RULE_NOT_FOUND);
	assert_refused(fixture,
		       control_describe_rules(fixture->control, &fixture->user, "tmf-00000000",
					      &(struct query){}, &page, &fixture->why),
		       REFUSE_FILTER_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_network_services),      TEST(test_rules_are_listed_in_order),
		TEST(test_bad_rules_are_refused), TEST(test_modify_rule),
		cmocka_unit_test(test_quotas),    TEST(test_rules_go_with_their_filter),
		TEST(test_describe_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
