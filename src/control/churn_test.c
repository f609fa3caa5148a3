// SPDX-License-Identifier: Apache-2.0
/* Random calls, good and bad, in random order; and after every few of them, what must always hold:
 *
 * - each host's plan survives its encoding, which refuses one that does not hold together;
 * - a session's number is its own on its source, and its source is behind no target;
 * - no quota is exceeded;
 * - no tag is on what does not exist. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS  4000
#define THINGS 12

struct churn {
	struct fixture fixture;
	char targets[THINGS][RESOURCE_ID_SIZE], filters[THINGS][RESOURCE_ID_SIZE];
	char sessions[THINGS][RESOURCE_ID_SIZE], rules[THINGS][RESOURCE_ID_SIZE];
	char interfaces[THINGS][RESOURCE_ID_SIZE];
	unsigned int done, refused;
};

static size_t any(void)
{
	return (size_t)random() % THINGS;
}

/* An interface of either host, or a registered one, or none any more. */
static const char *any_interface(struct churn *churn)
{
	return churn->interfaces[any()];
}

static int call_report(struct churn *churn)
{
	static const char *const names[] = {"eth0", "tap0", "tap1", "eth1"};
	const char *host = random() % 2 ? "alpha" : "beta";
	const char *devices[4];
	size_t count = 0;

	for (size_t i = 0; i < 4; i++)
		if (random() % 4)
			devices[count++] = names[i];
	fixture_report(&churn->fixture, host, devices, count, random() % 2 ? "10.1.1.1" : NULL);
	fixture_find_device(&churn->fixture, host, names[random() % 4], churn->interfaces[any()]);
	return 0;
}

static int call_create(struct churn *churn)
{
	struct fixture *fixture = &churn->fixture;
	char address[32];

	(void)snprintf(address, sizeof(address), "192.0.2.%ld", random() % 20);
	switch (random() % 5) {
	case 0:
		return make_interface(fixture, address, churn->interfaces[any()]);
	case 1:
		return make_target(fixture, any_interface(churn), churn->targets[any()]);
	case 2:
		return make_filter(fixture, churn->filters[any()]);
	case 3:
		return make_rule(fixture, churn->filters[any()],
				 random() % 2 ? "ingress" : "egress", random() % 6,
				 churn->rules[any()]);
	default:
		return make_session(fixture, any_interface(churn), churn->targets[any()],
				    churn->filters[any()], random() % 6, churn->sessions[any()]);
	}
}

static int call_delete(struct churn *churn)
{
	struct fixture *fixture = &churn->fixture;
	struct control *control = fixture->control;

	switch (random() % 10) {
	case 0:
		return control_delete_interface(control, &fixture->user, any_interface(churn),
						&fixture->why);
	case 1:
		return control_delete_target(control, &fixture->user, churn->targets[any()],
					     &fixture->why);
	case 2:
		return control_delete_filter(control, &fixture->user, churn->filters[any()],
					     &fixture->why);
	case 3:
		return control_delete_rule(control, &fixture->user, churn->rules[any()],
					   &fixture->why);
	case 4:
		return control_delete_session(control, &fixture->user, churn->sessions[any()],
					      &fixture->why);
	default:
		return 0;
	}
}

static int call_modify(struct churn *churn)
{
	struct fixture *fixture = &churn->fixture;
	struct session_record session = {};
	struct session_change change = {
		.session = churn->sessions[any()],
		.target = random() % 2 ? churn->targets[any()] : NULL,
		.filter = random() % 2 ? churn->filters[any()] : NULL,
		.number = {random() % 2, random() % 6},
		.remove = (unsigned int)random() % 8,
	};
	struct rule_record rule = {};
	struct rule_change rule_change = {
		.rule = churn->rules[any()],
		.fields = {.direction = random() % 2 ? "egress" : NULL,
			   .number = {random() % 2, random() % 6},
			   .protocol = {random() % 2, random() % 18}},
		.remove = (unsigned int)random() % 16,
	};
	int r;

	r = random() % 2 ? control_modify_session(fixture->control, &fixture->user, &change,
						  &session, &fixture->why)
			 : control_modify_rule(fixture->control, &fixture->user, &rule_change,
					       &rule, &fixture->why);
	session_record_fini(&session);
	rule_record_fini(&rule);
	return r;
}

static int call_tag(struct churn *churn)
{
	struct fixture *fixture = &churn->fixture;
	const struct tag tag = {(char *)(uintptr_t) "k", (char *)(uintptr_t) "v"};
	const char *const ids[] = {churn->sessions[any()], churn->rules[any()]};

	return control_create_tags(fixture->control, &fixture->user, ids, 1 + (size_t)random() % 2,
				   &tag, 1, &fixture->why);
}

static void check_plan(struct churn *churn, const char *host)
{
	struct fixture *fixture = &churn->fixture;
	_cleanup_(plan_freep) struct plan *plan = NULL, *decoded = NULL;
	_cleanup_free_ char *json = NULL;

	assert_done(fixture, control_get_plan(fixture->control, &fixture->agent, host, &plan,
					      &fixture->why));
	assert_int_equal(plan_encode(plan, &json), 0);
	assert_done(fixture, plan_decode(json, strlen(json), &decoded, &fixture->why));
}

static void check_sessions(struct churn *churn)
{
	struct fixture *fixture = &churn->fixture;
	struct session_page sessions = {};
	struct target_page targets = {};
	const struct query all = {};

	assert_done(fixture, control_describe_sessions(fixture->control, &fixture->user, &all,
						       &sessions, &fixture->why));
	assert_done(fixture, control_describe_targets(fixture->control, &fixture->user, &all,
						      &targets, &fixture->why));
	for (size_t i = 0; i < sessions.count; i++) {
		const struct session *session = &sessions.items[i].session;
		size_t of_source = 0;

		for (size_t j = 0; j < sessions.count; j++) {
			const struct session *other = &sessions.items[j].session;
			bool same = resource_id_equal(&session->source, &other->source);

			of_source += same;
			assert_false(same && i != j && session->number == other->number);
		}
		assert_true(of_source <= 3);
		for (size_t j = 0; j < targets.count; j++)
			assert_string_not_equal(targets.items[j].target.locator,
						session->source.text);
	}
	session_page_fini(&sessions);
	target_page_fini(&targets);
}

/* Taking tags off again is refused for what does not exist. */
static void check_tags(struct churn *churn)
{
	struct fixture *fixture = &churn->fixture;
	struct tag_page page = {};
	const struct tag absent = {(char *)(uintptr_t) "absent", NULL};

	assert_done(fixture, control_describe_tags(fixture->control, &fixture->user,
						   &(struct query){}, &page, &fixture->why));
	for (size_t i = 0; i < page.count; i++) {
		const char *id = page.items[i].resource.text;

		assert_done(fixture, control_delete_tags(fixture->control, &fixture->user, &id, 1,
							 &absent, 1, &fixture->why));
	}
	tag_page_fini(&page);
}

static void test_churn(void **state)
{
	static int (*const calls[])(struct churn * churn) = {
		call_create, call_create, call_create, call_modify, call_tag, call_delete,
	};
	static struct churn churn;

	(void)state;
	fixture_open(&churn.fixture, NULL);
	srandom(7);
	for (int i = 0; i < CALLS; i++) {
		int r = i % 40 == 0 ? call_report(&churn) : calls[random() % 6](&churn);

		assert_true(r == 0 || r == REFUSED);
		churn.done += r == 0;
		churn.refused += r == REFUSED;
		churn.fixture.now += random() % 3;
		if (i % 20 != 0)
			continue;
		check_plan(&churn, "alpha");
		check_plan(&churn, "beta");
		check_sessions(&churn);
		check_tags(&churn);
	}
	print_message("%u calls done, %u refused\n", churn.done, churn.refused);
	assert_true(churn.done > CALLS / 10 && churn.refused > CALLS / 10);
	fixture_close(&churn.fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_churn)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
