// SPDX-License-Identifier: Apache-2.0
/* What selectors of several accounts do to each other: nothing, however much one has to do and whatever is wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "control/account.h"
#include "control/fixture.h"
#include "control/quota.h"
#include "control/selection.h"
#include "control/selector.h"
#include "store/statement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OTHER_ACCOUNT "210987654321"

/* Devices of one host's instance, so many that a slice is not enough. */
#define MANY 100

/* What an account has: a host with its devices, and what its selectors' sessions need. */
struct estate {
	struct account_id account;
	char device[RESOURCE_ID_SIZE], instance[RESOURCE_ID_SIZE];
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], selector[RESOURCE_ID_SIZE];
};

/* Two accounts; fixture's user and agent are those of one or the other. */
struct scene {
	struct fixture fixture;
	struct estate first, other;
};

static char app[] = "app", web[] = "web";

static void go_to(struct scene *scene, const struct estate *estate)
{
	scene->fixture.user.account = estate->account;
	scene->fixture.agent.account = estate->account;
}

static struct selector_wish wish_of(const struct estate *estate, const struct tag_filter *filter,
				    int64_t number)
{
	return (struct selector_wish){
		.filters = filter,
		.filter_count = 1,
		.target = estate->target,
		.filter = estate->filter,
		.number = NUMBER(number),
	};
}

static void make_selector(struct scene *scene, const struct selector_wish *wish,
			  char ret_id[RESOURCE_ID_SIZE])
{
	struct fixture *fixture = &scene->fixture;
	struct selector_record made = {};

	assert_done(fixture, control_create_selector(fixture->control, &fixture->user, wish, &made,
						     &fixture->why));
	memcpy(ret_id, made.selector.id.text, RESOURCE_ID_SIZE);
	selector_record_fini(&made);
}

static void plug(struct scene *scene, const char *host, unsigned int count)
{
	char names[MANY][DEVICE_NAME_SIZE];
	const char *devices[MANY];

	for (unsigned int i = 0; i < count; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "eth%u", i);
		devices[i] = names[i];
	}
	fixture_report(&scene->fixture, host, devices, count, NULL);
}

static void instance_of(struct scene *scene, const char *source, char ret_id[RESOURCE_ID_SIZE])
{
	struct query query = {.ids = &source, .id_count = 1};
	struct fixture *fixture = &scene->fixture;
	struct interface_page page = {};

	assert_done(fixture, control_describe_interfaces(fixture->control, &fixture->user, &query,
							 &page, &fixture->why));
	memcpy(ret_id, page.items[0].source.instance.text, RESOURCE_ID_SIZE);
	interface_page_fini(&page);
}

static void estate_make(struct scene *scene, struct estate *estate, const char *host,
			const char *address)
{
	static const char *const values[] = {"web"};
	static const struct tag_filter filter = {"app", values, 1};
	struct fixture *fixture = &scene->fixture;
	char appliance[RESOURCE_ID_SIZE];
	struct selector_wish wish;

	go_to(scene, estate);
	plug(scene, host, MANY);
	fixture_find_device(fixture, host, "eth0", estate->device);
	instance_of(scene, estate->device, estate->instance);
	assert_done(fixture, make_interface(fixture, address, appliance));
	assert_done(fixture, make_target(fixture, appliance, estate->target));
	assert_done(fixture, make_filter(fixture, estate->filter));
	wish = wish_of(estate, &filter, 1);
	make_selector(scene, &wish, estate->selector);
}

static void set_quota(struct scene *scene, const struct estate *estate, const char *name,
		      int64_t value)
{
	struct fixture *fixture = &scene->fixture;

	go_to(scene, &scene->first);
	assert_done(fixture,
		    control_modify_quota(fixture->control, &fixture->user, estate->account.text,
					 name, value, &fixture->why));
}

static int scene_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct fixture *fixture = &scene->fixture;
	struct account_record account = {};
	struct key_record key = {};

	assert_non_null(scene);
	fixture_open(fixture, NULL);
	scene->first.account = (struct account_id){FIXTURE_ACCOUNT};
	scene->other.account = (struct account_id){OTHER_ACCOUNT};
	assert_done(fixture, control_create_account(fixture->control, &fixture->user, "other",
						    OTHER_ACCOUNT, &account, &key, &fixture->why));
	set_quota(scene, &scene->first, "sources-per-target", MANY);
	set_quota(scene, &scene->other, "sources-per-target", MANY);
	estate_make(scene, &scene->first, "gamma", "192.0.2.20");
	estate_make(scene, &scene->other, "delta", "192.0.2.30");
	*state = scene;
	return 0;
}

static int scene_teardown(void **state)
{
	fixture_close(&((struct scene *)*state)->fixture);
	free(*state);
	return 0;
}

static void tag(struct scene *scene, const struct estate *estate, const char *id, char *value)
{
	struct fixture *fixture = &scene->fixture;

	go_to(scene, estate);
	assert_done(fixture, control_create_tags(fixture->control, &fixture->user, &id, 1,
						 &(struct tag){app, value}, 1, &fixture->why));
}

/* What a estate's selector has. */
static struct selector_record status_of(struct scene *scene, const struct estate *estate)
{
	const char *selector = estate->selector;
	struct query query = {.ids = &selector, .id_count = 1};
	struct fixture *fixture = &scene->fixture;
	struct selector_record status;
	struct selector_page page = {};

	go_to(scene, estate);
	assert_done(fixture, control_describe_selectors(fixture->control, &fixture->user, &query,
							&page, &fixture->why));
	status = (struct selector_record){.state = page.items[0].state,
					  .sessions = page.items[0].sessions,
					  .refusals = page.items[0].refusals};
	selector_page_fini(&page);
	return status;
}

/* One slice of the service's. */
static int slice(struct scene *scene, bool *ret_more)
{
	struct fixture *fixture = &scene->fixture;

	*ret_more = false;
	return control_settle_selectors(fixture->control, ret_more, &fixture->why);
}

static void settle(struct scene *scene)
{
	bool more = true;

	while (more)
		assert_int_equal(slice(scene, &more), 0);
}

/* Of two that have much to do, each has something of the service's time; and who has little does it by himself. */
static void test_turns(void **state)
{
	struct scene *scene = *state;
	int64_t first, other;
	bool more;

	tag(scene, &scene->first, scene->first.instance, web);
	tag(scene, &scene->other, scene->other.device, web);
	assert_int_equal(status_of(scene, &scene->other).sessions, 1);
	tag(scene, &scene->other, scene->other.instance, web);
	first = status_of(scene, &scene->first).sessions;
	other = status_of(scene, &scene->other).sessions;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(slice(scene, &more), 0);
		assert_true(more);
	}
	assert_true(status_of(scene, &scene->first).sessions > first);
	assert_true(status_of(scene, &scene->other).sessions > other);
	settle(scene);
	assert_int_equal(status_of(scene, &scene->first).sessions, MANY);
	assert_int_equal(status_of(scene, &scene->other).sessions, MANY);
}

/* What one was refused is tried again in two turns, however much another was. */
static void test_refusals_in_turns(void **state)
{
	struct scene *scene = *state;
	bool more;

	set_quota(scene, &scene->first, "sessions", 1);
	set_quota(scene, &scene->other, "sessions", 1);
	tag(scene, &scene->first, scene->first.instance, web);
	tag(scene, &scene->other, scene->other.instance, web);
	settle(scene);
	assert_int_equal(status_of(scene, &scene->first).refusals, MANY - 1);
	assert_int_equal(status_of(scene, &scene->other).refusals, MANY - 1);
	for (int i = 0; i < 10; i++)
		assert_int_equal(slice(scene, &more), 0);
	set_quota(scene, &scene->first, "sessions", 2);
	set_quota(scene, &scene->other, "sessions", 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(slice(scene, &more), 0);
	assert_int_equal(status_of(scene, &scene->first).sessions, 2);
	assert_int_equal(status_of(scene, &scene->other).sessions, 2);
}

static void run(struct scene *scene, const char *sql)
{
	assert_int_equal(store_run(scene->fixture.store, sql, NULL, 0), 0);
}

/* Whose rows cannot be read has no sessions made, and nobody else is kept from anything, not even he himself from what the rows
 * have nothing to do with. */
static void test_damaged(void **state)
{
	struct scene *scene = *state;
	int done = 0, faults = 0;
	bool more;

	run(scene,
	    "UPDATE selectors SET outer_source = 'nowhere' WHERE owner = '" OTHER_ACCOUNT "'");
	tag(scene, &scene->other, scene->other.device, web);
	tag(scene, &scene->first, scene->first.instance, web);
	assert_true(status_of(scene, &scene->first).sessions > 0);
	for (int i = 0; i < 20; i++) {
		int r = slice(scene, &more);

		assert_true(r == 0 || r == -EBADMSG);
		done += r == 0;
		faults += r != 0;
	}
	assert_true(done > 0 && faults > 0);
	assert_int_equal(status_of(scene, &scene->first).sessions, MANY);
	run(scene, "UPDATE selectors SET outer_source = '' WHERE owner = '" OTHER_ACCOUNT "'");
	settle(scene);
	assert_int_equal(status_of(scene, &scene->other).sessions, 1);
}

/* A slice that was not committed is done again, though nobody has changed the store since. */
static void test_commit_fails(void **state)
{
	struct scene *scene = *state;
	bool more;

	settle(scene);
	run(scene, "CREATE TABLE parents (id INTEGER PRIMARY KEY)");
	run(scene, "CREATE TABLE children (parent INTEGER REFERENCES parents (id) "
		   "DEFERRABLE INITIALLY DEFERRED)");
	run(scene, "INSERT INTO tags (resource, owner, key, value) "
		   "SELECT id, owner, 'app', 'web' FROM interfaces WHERE host = 'gamma' AND device "
		   "= 'eth0'");
	run(scene, "INSERT INTO selector_marks (owner, source) "
		   "SELECT owner, id FROM interfaces WHERE host = 'gamma' AND device = 'eth0'");
	run(scene, "CREATE TRIGGER failing AFTER DELETE ON selector_marks "
		   "BEGIN INSERT INTO children VALUES (1); END");
	assert_true(slice(scene, &more) < 0);
	run(scene, "DROP TRIGGER failing");
	scene->fixture.now += 1000;
	settle(scene);
	assert_int_equal(status_of(scene, &scene->first).sessions, 1);
}

/* Runs of 'a' that are looked for in a longer one in vain, before the last value matches: as much as a selector may ask. */
static struct tag_filter expensive_filter(char (*runs)[TAG_VALUE_LENGTH_MAX + 1],
					  const char *ret_values[SELECTOR_VALUES_MAX])
{
	for (unsigned int i = 0; i < 15; i++) {
		memset(runs[i], 'a', TAG_VALUE_LENGTH_MAX);
		runs[i][0] = '*';
		runs[i][TAG_VALUE_LENGTH_MAX - 1] = 'b';
		runs[i][TAG_VALUE_LENGTH_MAX] = '\0';
		ret_values[i] = runs[i];
	}
	ret_values[15] = "aa*";
	return (struct tag_filter){"app", ret_values, 16};
}

/* A slice that has to compare long values looks at few interfaces, and not at all selectors of one. */
static void test_comparing_is_paid_for(void **state)
{
	enum { SELECTORS = 8 };
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	const struct estate *estate = &scene->first;
	static char runs[15][TAG_VALUE_LENGTH_MAX + 1];
	char value[TAG_VALUE_LENGTH_MAX + 1] = "", id[RESOURCE_ID_SIZE];
	const char *values[SELECTOR_VALUES_MAX];
	const struct tag_filter filter = expensive_filter(runs, values);
	struct selector_wish wish;

	memset(value, 'a', TAG_VALUE_LENGTH_MAX);
	set_quota(scene, estate, "sessions-per-source", SELECTORS);
	for (int64_t i = 0; i < SELECTORS; i++) {
		wish = wish_of(estate, &filter, 2 + i);
		make_selector(scene, &wish, id);
	}
	settle(scene);
	assert_int_equal(fixture_count_sessions(fixture), 0);
	tag(scene, estate, estate->device, value);
	assert_in_range(fixture_count_sessions(fixture), 1, SELECTORS / 2);
	settle(scene);
	assert_int_equal(fixture_count_sessions(fixture), SELECTORS);
	for (int i = 0; i < 2; i++)
		tag(scene, estate, estate->device, i == 0 ? web : value);
	settle(scene);
	assert_int_equal(fixture_count_sessions(fixture), SELECTORS);
	tag(scene, estate, estate->instance, value);
	assert_in_range(fixture_count_sessions(fixture), SELECTORS, SELECTORS + 5);
}

/* With a session its history goes, so of long ones a slice ends few. */
static void test_history_is_paid_for(void **state)
{
	struct scene *scene = *state;

	tag(scene, &scene->first, scene->first.instance, web);
	settle(scene);
	assert_int_equal(status_of(scene, &scene->first).sessions, MANY);
	run(scene, "INSERT INTO history SELECT sessions.id, 1, nth, nth, 0, 0, 0, 0, 0, 0, 0, 0 "
		   "FROM sessions, (WITH RECURSIVE numbers (nth) AS (SELECT 0 UNION ALL "
		   "SELECT nth + 1 FROM numbers WHERE nth < 799) SELECT nth FROM numbers)");
	tag(scene, &scene->first, scene->first.instance, app);
	assert_in_range(status_of(scene, &scene->first).sessions, MANY - 5, MANY - 1);
	settle(scene);
	assert_int_equal(status_of(scene, &scene->first).sessions, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
		TEST(test_turns),
		TEST(test_refusals_in_turns),
		TEST(test_damaged),
		TEST(test_commit_fails),
		TEST(test_comparing_is_paid_for),
		TEST(test_history_is_paid_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
