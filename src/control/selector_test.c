// SPDX-License-Identifier: Apache-2.0
/* What selectors make of interfaces that come, go and change their tags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "control/account.h"
#include "control/fixture.h"
#include "control/quota.h"
#include "control/selection.h"
#include "control/selector.h"
#include "control/share.h"
#include "control/usage.h"
#include "store/selection.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One selector "app=web" in front of the appliance. */
struct scene {
	struct fixture fixture;
	char target[RESOURCE_ID_SIZE], filter[RESOURCE_ID_SIZE], selector[RESOURCE_ID_SIZE];
};

#define FILTERS(...)                                         \
	.filters = (const struct tag_filter[]){__VA_ARGS__}, \
	.filter_count =                                      \
		sizeof((const struct tag_filter[]){__VA_ARGS__}) / sizeof(struct tag_filter)
#define VALUES(...)                         \
	(const char *const[]){__VA_ARGS__}, \
		sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)
static int make_selector(struct scene *scene, const struct selector_wish *wish,
			 char ret_id[RESOURCE_ID_SIZE])
{
	struct fixture *fixture = &scene->fixture;
	struct selector_record made = {};
	int r;

	r = control_create_selector(fixture->control, &fixture->user, wish, &made, &fixture->why);
	if (r == 0)
		memcpy(ret_id, made.selector.id.text, RESOURCE_ID_SIZE);
	selector_record_fini(&made);
	return r;
}

static struct selector_wish wish_of(const struct scene *scene, int64_t number)
{
	static const char *const values[] = {"web"};
	static const struct tag_filter filter = {"app", values, 1};

	return (struct selector_wish){
		.filters = &filter,
		.filter_count = 1,
		.target = scene->target,
		.filter = scene->filter,
		.number = NUMBER(number),
	};
}

static int scene_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	struct fixture *fixture = &scene->fixture;
	struct selector_wish wish;

	assert_non_null(scene);
	fixture_open(fixture, NULL);
	assert_done(fixture, make_target(fixture, fixture->appliance, scene->target));
	assert_done(fixture, make_filter(fixture, scene->filter));
	wish = wish_of(scene, 1);
	assert_done(fixture, make_selector(scene, &wish, scene->selector));
	*state = scene;
	return 0;
}

static int scene_teardown(void **state)
{
	fixture_close(&((struct scene *)*state)->fixture);
	free(*state);
	return 0;
}

static void tag(struct scene *scene, const char *id, char *key, char *value)
{
	struct fixture *fixture = &scene->fixture;

	assert_done(fixture, control_create_tags(fixture->control, &fixture->user, &id, 1,
						 &(struct tag){key, value}, 1, &fixture->why));
}

static void untag(struct scene *scene, const char *id, char *key)
{
	struct fixture *fixture = &scene->fixture;

	assert_done(fixture, control_delete_tags(fixture->control, &fixture->user, &id, 1,
						 &(struct tag){key, NULL}, 1, &fixture->why));
}

static char app[] = "app", web[] = "web", other[] = "db";

/* The sessions of an interface; '*ret_session' is the last one. */
static size_t sessions_of(struct scene *scene, const char *source, struct session *ret_session)
{
	const struct query_filter filter = {"network-interface-id", &source, 1};
	struct query query = {.filters = &filter, .filter_count = 1};
	struct fixture *fixture = &scene->fixture;
	struct session_page page = {};
	size_t count;

	assert_done(fixture, control_describe_sessions(fixture->control, &fixture->user, &query,
						       &page, &fixture->why));
	count = page.count;
	if (count > 0 && ret_session)
		*ret_session = page.items[count - 1].session;
	session_page_fini(&page);
	return count;
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

/* The state of a selector and what it has; SELECTOR_DELETING and zeros if it is gone. */
static struct selector_record status_of(struct scene *scene, const char *selector)
{
	struct query query = {.ids = &selector, .id_count = 1};
	struct fixture *fixture = &scene->fixture;
	struct selector_record status = {.state = SELECTOR_DELETING};
	struct selector_page page = {};

	if (control_describe_selectors(fixture->control, &fixture->user, &query, &page,
				       &fixture->why) == 0)
		status = (struct selector_record){.state = page.items[0].state,
						  .sessions = page.items[0].sessions,
						  .refusals = page.items[0].refusals};
	selector_page_fini(&page);
	return status;
}

static size_t refusals_of(struct scene *scene, const char *selector,
			  struct selector_refusal *ret_refusal)
{
	const struct query_filter filter = {"traffic-mirror-selector-id", &selector, 1};
	struct query query = {.filters = &filter, .filter_count = 1};
	struct fixture *fixture = &scene->fixture;
	struct selector_refusal_page page = {};
	size_t count;

	assert_done(fixture, control_describe_selector_refusals(fixture->control, &fixture->user,
								&query, &page, &fixture->why));
	count = page.count;
	if (count > 0 && ret_refusal)
		*ret_refusal = page.items[0];
	selector_refusal_page_fini(&page);
	return count;
}

/* Lets the service do what is left.  Returns the number of slices. */
static unsigned int settle(struct scene *scene)
{
	struct fixture *fixture = &scene->fixture;
	unsigned int slices = 0;
	bool more = true;

	for (; more; slices++) {
		more = false;
		assert_done(fixture,
			    control_settle_selectors(fixture->control, &more, &fixture->why));
	}
	return slices;
}

/* Within the call that brings the tag, and with all that the selector says. */
static void test_tag_makes_and_ends(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct session session;

	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 0);
	fixture->changes = 0;
	tag(scene, fixture->tap0, app, web);
	assert_int_equal(fixture->changes, 1);
	assert_string_equal(fixture->changed, "alpha");
	assert_int_equal(sessions_of(scene, fixture->tap0, &session), 1);
	assert_string_equal(session.selector.text, scene->selector);
	assert_string_equal(session.target.text, scene->target);
	assert_string_equal(session.filter.text, scene->filter);
	assert_int_equal(session.number, 1);
	assert_int_equal(sessions_of(scene, fixture->eth0, NULL), 0);
	tag(scene, fixture->tap0, app, other);
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 0);
	tag(scene, fixture->tap0, app, web);
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 1);
	untag(scene, fixture->tap0, app);
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 0);
	assert_int_equal(status_of(scene, scene->selector).state, SELECTOR_ACTIVE);
}

/* What is there already is found when the selector is made, and counted in the answer. */
static void test_creation_looks_at_all(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct selector_wish wish = wish_of(scene, 2);
	struct selector_record made = {};

	tag(scene, fixture->tap0, app, web);
	tag(scene, fixture->eth0, app, web);
	assert_done(fixture, control_create_selector(fixture->control, &fixture->user, &wish, &made,
						     &fixture->why));
	assert_int_equal(made.sessions, 2);
	assert_int_equal(made.refusals, 0);
	assert_int_equal(made.state, SELECTOR_ACTIVE);
	selector_record_fini(&made);
}

/* Those of an instance are its interfaces' where they have none of their own. */
static void test_tags_of_instance(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	char instance[RESOURCE_ID_SIZE];

	instance_of(scene, fixture->eth0, instance);
	tag(scene, instance, app, web);
	assert_int_equal(sessions_of(scene, fixture->eth0, NULL), 1);
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 0);
	tag(scene, fixture->eth0, app, other);
	assert_int_equal(sessions_of(scene, fixture->eth0, NULL), 0);
	untag(scene, fixture->eth0, app);
	assert_int_equal(sessions_of(scene, fixture->eth0, NULL), 1);
	/* A device that comes later has it from its instance, too. */
	REPORT(fixture, "alpha", "10.0.0.5", "eth0", "eth1", "tap0");
	assert_int_equal(fixture_count_sessions(fixture), 2);
	untag(scene, instance, app);
	assert_int_equal(fixture_count_sessions(fixture), 0);
}

/* The inventory's own tags can be gone by, and change with the device. */
static void test_tags_of_inventory(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct selector_change change = {
		.selector = scene->selector,
		FILTERS({"tmirror:orientation", VALUES("guest")}, {"tmirror:host", VALUES("a*")}),
	};
	struct interface_change turned = {.interface = fixture->tap0,
					  .orientation = &(enum orientation){ORIENTATION_HOST}};
	struct selector_record changed = {};

	assert_done(fixture, control_modify_selector(fixture->control, &fixture->user, &change,
						     &changed, &fixture->why));
	selector_record_fini(&changed);
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 1);
	assert_int_equal(sessions_of(scene, fixture->eth0, NULL), 0);
	REPORT(fixture, "alpha", NULL, "eth0", "tap0", "tap1");
	REPORT(fixture, "beta", NULL, "tap0");
	assert_int_equal(fixture_count_sessions(fixture), 2);
	assert_done(fixture, control_modify_interface(fixture->control, &fixture->user, &turned,
						      &fixture->why));
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 0);
}

/* As AWS's: unplugged they stay, and they are charged.  With the tag they go, plugged or not. */
static void test_unplugged(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct session before, after;

	tag(scene, fixture->tap0, app, web);
	assert_int_equal(sessions_of(scene, fixture->tap0, &before), 1);
	REPORT(fixture, "alpha", NULL, "eth0");
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 1);
	REPORT(fixture, "alpha", NULL, "eth0", "tap0");
	assert_int_equal(sessions_of(scene, fixture->tap0, &after), 1);
	assert_string_equal(before.id.text, after.id.text);
	REPORT(fixture, "alpha", NULL, "eth0");
	untag(scene, fixture->tap0, app);
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 0);
	/* What is not plugged gets none, and that is no refusal; it does when it is. */
	tag(scene, fixture->tap0, app, web);
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 0);
	assert_int_equal(refusals_of(scene, scene->selector, NULL), 0);
	REPORT(fixture, "alpha", NULL, "eth0", "tap0");
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 1);
}

/* Sessions follow their selector, in place. */
static void test_modify(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct selector_change change = {
		.selector = scene->selector,
		.number = NUMBER(7),
		.packet_length = NUMBER(100),
		.vni = NUMBER(4711),
		.description = "of the web",
		.options = {.continues = NUMBER(1), .flow_sampling = NUMBER(10)},
	};
	struct selector_record changed = {};
	struct session before, after, last;

	tag(scene, fixture->tap0, app, web);
	tag(scene, fixture->eth0, app, web);
	assert_int_equal(sessions_of(scene, fixture->tap0, &before), 1);
	assert_done(fixture, control_modify_selector(fixture->control, &fixture->user, &change,
						     &changed, &fixture->why));
	assert_int_equal(changed.sessions, 2);
	selector_record_fini(&changed);
	assert_int_equal(sessions_of(scene, fixture->tap0, &after), 1);
	assert_string_equal(before.id.text, after.id.text);
	assert_int_equal(after.number, 7);
	assert_int_equal(after.packet_length, 100);
	assert_int_equal(after.vni, 4711);
	assert_string_equal(after.description, "of the web");
	assert_true(after.options.continues);
	assert_int_equal(after.options.flow_sampling, 10);
	change = (struct selector_change){.selector = scene->selector,
					  .remove = SESSION_FIELD_VNI | SESSION_FIELD_DESCRIPTION |
						    SESSION_FIELD_PACKET_LENGTH};
	assert_done(fixture, control_modify_selector(fixture->control, &fixture->user, &change,
						     &changed, &fixture->why));
	selector_record_fini(&changed);
	assert_int_equal(sessions_of(scene, fixture->tap0, &after), 1);
	assert_int_equal(sessions_of(scene, fixture->eth0, &last), 1);
	assert_int_not_equal(after.vni, 4711);
	assert_int_not_equal(after.vni, last.vni);
	assert_int_equal(after.packet_length, 0);
	assert_string_equal(after.description, "");
	/* The same once more changes nothing, not even a plan. */
	fixture->changes = 0;
	assert_done(fixture, control_modify_selector(fixture->control, &fixture->user, &change,
						     &changed, &fixture->why));
	selector_record_fini(&changed);
	assert_int_equal(fixture->changes, 0);
	assert_int_equal(sessions_of(scene, fixture->tap0, &last), 1);
	assert_int_equal(after.vni, last.vni);
}

/* Nobody else changes or ends them, and the refusal says who does. */
static void test_sessions_are_its_own(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct session_change change = {.options = {.paused = NUMBER(1)}};
	struct session_record changed;
	struct session session;

	tag(scene, fixture->tap0, app, web);
	assert_int_equal(sessions_of(scene, fixture->tap0, &session), 1);
	change.session = session.id.text;
	assert_refused(fixture,
		       control_modify_session(fixture->control, &fixture->user, &change, &changed,
					      &fixture->why),
		       REFUSE_OPERATION);
	assert_non_null(strstr(fixture->why.text, scene->selector));
	assert_refused(fixture,
		       control_delete_session(fixture->control, &fixture->user, session.id.text,
					      &fixture->why),
		       REFUSE_OPERATION);
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 1);
}

static void test_delete(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct session own;
	char by_hand[RESOURCE_ID_SIZE];

	tag(scene, fixture->tap0, app, web);
	assert_done(fixture,
		    make_session(fixture, fixture->tap0, scene->target, scene->filter, 9, by_hand));
	assert_refused(fixture,
		       control_delete_filter(fixture->control, &fixture->user, scene->filter,
					     &fixture->why),
		       REFUSE_FILTER_IN_USE);
	assert_done(fixture, control_delete_selector(fixture->control, &fixture->user,
						     scene->selector, &fixture->why));
	assert_int_equal(sessions_of(scene, fixture->tap0, &own), 1);
	assert_string_equal(own.id.text, by_hand);
	assert_refused(fixture,
		       control_delete_selector(fixture->control, &fixture->user, scene->selector,
					       &fixture->why),
		       REFUSE_SELECTOR_NOT_FOUND);
}

/* Without sessions, too, a selector needs its filter and its target. */
static void test_needs_its_parts(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;

	assert_refused(fixture,
		       control_delete_filter(fixture->control, &fixture->user, scene->filter,
					     &fixture->why),
		       REFUSE_FILTER_IN_USE);
	assert_refused(fixture,
		       control_delete_target(fixture->control, &fixture->user, scene->target,
					     &fixture->why),
		       REFUSE_TARGET_IN_USE);
	assert_done(fixture, control_delete_selector(fixture->control, &fixture->user,
						     scene->selector, &fixture->why));
	assert_done(fixture, control_delete_filter(fixture->control, &fixture->user, scene->filter,
						   &fixture->why));
	assert_done(fixture, control_delete_target(fixture->control, &fixture->user, scene->target,
						   &fixture->why));
}

/* A number that is taken is a refusal that tells by whom, and over when the number is free. */
static void test_number_taken(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct selector_refusal refusal;
	char taken[RESOURCE_ID_SIZE];

	assert_done(fixture,
		    make_session(fixture, fixture->tap0, scene->target, scene->filter, 1, taken));
	tag(scene, fixture->tap0, app, web);
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 1);
	assert_int_equal(status_of(scene, scene->selector).refusals, 1);
	assert_int_equal(refusals_of(scene, scene->selector, &refusal), 1);
	assert_string_equal(refusal.source.text, fixture->tap0);
	assert_non_null(strstr(refusal.reason, taken));
	assert_int_equal(refusal.since, fixture->now);
	assert_done(fixture,
		    control_delete_session(fixture->control, &fixture->user, taken, &fixture->why));
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 1);
	assert_int_equal(status_of(scene, scene->selector).sessions, 1);
	assert_int_equal(refusals_of(scene, scene->selector, NULL), 0);
}

/* Of two selectors for one number the second waits for the first. */
static void test_one_after_the_other(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct selector_wish wish = wish_of(scene, 1);
	char second[RESOURCE_ID_SIZE];

	tag(scene, fixture->tap0, app, web);
	assert_done(fixture, make_selector(scene, &wish, second));
	assert_int_equal(status_of(scene, second).refusals, 1);
	assert_done(fixture, control_delete_selector(fixture->control, &fixture->user,
						     scene->selector, &fixture->why));
	assert_int_equal(settle(scene), 1);
	assert_int_equal(status_of(scene, second).refusals, 0);
	assert_int_equal(status_of(scene, second).sessions, 1);
}

/* A refusal goes with the tag, and with the interface. */
static void test_refusal_ends(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	char taken[RESOURCE_ID_SIZE];

	assert_done(fixture,
		    make_session(fixture, fixture->tap0, scene->target, scene->filter, 1, taken));
	tag(scene, fixture->tap0, app, web);
	assert_int_equal(refusals_of(scene, scene->selector, NULL), 1);
	untag(scene, fixture->tap0, app);
	assert_int_equal(refusals_of(scene, scene->selector, NULL), 0);
	tag(scene, fixture->tap0, app, web);
	assert_int_equal(refusals_of(scene, scene->selector, NULL), 1);
	REPORT(fixture, "alpha", NULL, "eth0");
	assert_done(fixture, control_delete_interface(fixture->control, &fixture->user,
						      fixture->tap0, &fixture->why));
	assert_int_equal(refusals_of(scene, scene->selector, NULL), 0);
}

/* Quotas hold; when they no longer do, the service notices by itself, and rests while nothing changes. */
static void test_quota(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	int64_t version;

	assert_done(fixture, control_modify_quota(fixture->control, &fixture->user, NULL,
						  "sessions", 1, &fixture->why));
	tag(scene, fixture->tap0, app, web);
	tag(scene, fixture->eth0, app, web);
	assert_int_equal(status_of(scene, scene->selector).sessions, 1);
	assert_int_equal(status_of(scene, scene->selector).refusals, 1);
	(void)settle(scene);
	version = control_get_version(fixture->control);
	(void)settle(scene);
	assert_int_equal(control_get_version(fixture->control), version);
	assert_int_equal(status_of(scene, scene->selector).refusals, 1);
	assert_done(fixture, control_reset_quota(fixture->control, &fixture->user, NULL, "sessions",
						 &fixture->why));
	(void)settle(scene);
	assert_int_equal(status_of(scene, scene->selector).sessions, 2);
	assert_int_equal(status_of(scene, scene->selector).refusals, 0);
}

/* What can never be is refused at once. */
static void test_creation_refused(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct selector_wish wish;
	char id[RESOURCE_ID_SIZE];

	wish = wish_of(scene, 0);
	assert_refused(fixture, make_selector(scene, &wish, id), REFUSE_PARAMETER_VALUE);
	wish = wish_of(scene, 1);
	wish.filter_count = 0;
	assert_refused(fixture, make_selector(scene, &wish, id), REFUSE_PARAMETER_MISSING);
	wish = wish_of(scene, 1);
	wish.target = "tmt-00000000000000000";
	assert_refused(fixture, make_selector(scene, &wish, id), REFUSE_TARGET_NOT_FOUND);
	wish = wish_of(scene, 1);
	wish.filter = "tmf-00000000000000000";
	assert_refused(fixture, make_selector(scene, &wish, id), REFUSE_FILTER_NOT_FOUND);
	wish = wish_of(scene, 1);
	wish.options = (struct options_wish){.outer_source = "2001:db8::1"};
	assert_refused(fixture, make_selector(scene, &wish, id), REFUSE_PARAMETER_COMBINATION);
	assert_done(fixture, control_modify_quota(fixture->control, &fixture->user, NULL,
						  "selectors", 1, &fixture->why));
	wish = wish_of(scene, 1);
	assert_refused(fixture, make_selector(scene, &wish, id), REFUSE_SELECTOR_LIMIT);
}

static void test_dry_run(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct selector_wish wish = wish_of(scene, 2);
	char id[RESOURCE_ID_SIZE];

	tag(scene, fixture->tap0, app, web);
	fixture->user.dry_run = true;
	assert_refused(fixture, make_selector(scene, &wish, id), REFUSE_DRY_RUN);
	fixture->user.dry_run = false;
	assert_int_equal(fixture_count_sessions(fixture), 1);
}

/* So many devices of one host's instance that a slice is not enough. */
#define MANY 150

static void plug_many(struct scene *scene)
{
	struct fixture *fixture = &scene->fixture;
	char names[MANY][DEVICE_NAME_SIZE];
	const char *devices[MANY];

	assert_done(fixture, control_modify_quota(fixture->control, &fixture->user, NULL,
						  "sources-per-target", MANY, &fixture->why));
	for (unsigned int i = 0; i < MANY; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "eth%u", i);
		devices[i] = names[i];
	}
	fixture_report(fixture, "alpha", devices, MANY, NULL);
}

/* A call does a slice, and the service the others; none does more. */
static void settle_in_slices(struct scene *scene, int64_t wanted, int64_t step)
{
	struct fixture *fixture = &scene->fixture;
	int64_t sessions = status_of(scene, scene->selector).sessions;
	bool more = true;

	while (more) {
		int64_t before = sessions;

		more = false;
		assert_done(fixture,
			    control_settle_selectors(fixture->control, &more, &fixture->why));
		sessions = status_of(scene, scene->selector).sessions;
		assert_in_range(llabs(sessions - before), more ? step : 0, step);
	}
	assert_int_equal(sessions, wanted);
}

/* Its tag makes them all sessions, and takes them away. */
static void test_instance_of_many(void **state)
{
	const int64_t made = SELECTION_ROOM / (SELECTION_CHANGE + 1) + 1;
	/* Whoever waits for the place of one that has ended has a look, too. */
	const int64_t ended = SELECTION_ROOM / (SELECTION_END + 2) + 1;
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	char instance[RESOURCE_ID_SIZE];

	plug_many(scene);
	instance_of(scene, fixture->eth0, instance);
	tag(scene, instance, app, web);
	assert_int_equal(status_of(scene, scene->selector).sessions, made);
	assert_int_equal(status_of(scene, scene->selector).state, SELECTOR_SETTLING);
	settle_in_slices(scene, MANY, made);
	assert_int_equal(status_of(scene, scene->selector).state, SELECTOR_ACTIVE);
	untag(scene, instance, app);
	assert_int_equal(status_of(scene, scene->selector).sessions, MANY - ended);
	(void)settle(scene);
	assert_int_equal(fixture_count_sessions(fixture), 0);
}

/* A change goes over all of them, one that comes meanwhile begins anew, and deletion ends them all. */
static void test_sweeps_of_many(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct selector_change change = {.selector = scene->selector, .packet_length = NUMBER(100)};
	struct selector_record changed = {};
	struct session_page page = {};
	char instance[RESOURCE_ID_SIZE];

	plug_many(scene);
	instance_of(scene, fixture->eth0, instance);
	tag(scene, instance, app, web);
	for (int length = 100; length <= 200; length += 100) {
		change.packet_length = NUMBER(length);
		assert_done(fixture, control_modify_selector(fixture->control, &fixture->user,
							     &change, &changed, &fixture->why));
		assert_int_equal(changed.state, SELECTOR_SETTLING);
		selector_record_fini(&changed);
	}
	assert_true(settle(scene) > 1);
	assert_done(fixture, control_describe_sessions(fixture->control, &fixture->user,
						       &(struct query){}, &page, &fixture->why));
	assert_int_equal(page.count, MANY);
	for (size_t i = 0; i < page.count; i++)
		assert_int_equal(page.items[i].session.packet_length, 200);
	session_page_fini(&page);
	assert_done(fixture, control_delete_selector(fixture->control, &fixture->user,
						     scene->selector, &fixture->why));
	assert_int_equal(status_of(scene, scene->selector).state, SELECTOR_DELETING);
	assert_true(status_of(scene, scene->selector).sessions > 0);
	assert_refused(fixture,
		       control_modify_selector(fixture->control, &fixture->user, &change, &changed,
					       &fixture->why),
		       REFUSE_OPERATION);
	(void)settle(scene);
	assert_int_equal(fixture_count_sessions(fixture), 0);
	assert_refused(fixture,
		       control_delete_selector(fixture->control, &fixture->user, scene->selector,
					       &fixture->why),
		       REFUSE_SELECTOR_NOT_FOUND);
}

static void change_vni(struct scene *scene, const struct selector_change *change)
{
	struct fixture *fixture = &scene->fixture;
	struct selector_record changed = {};

	assert_done(fixture, control_modify_selector(fixture->control, &fixture->user, change,
						     &changed, &fixture->why));
	assert_int_equal(changed.state, SELECTOR_SETTLING);
	selector_record_fini(&changed);
}

/* None keeps a number that others have, also not the one before the last, which some still had when all were to have their own. */
static void test_vnis_in_mid_sweep(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct selector_change change = {.selector = scene->selector};
	struct session_page page = {};
	char instance[RESOURCE_ID_SIZE];

	plug_many(scene);
	instance_of(scene, fixture->eth0, instance);
	tag(scene, instance, app, web);
	(void)settle(scene);
	change.vni = NUMBER(5);
	change_vni(scene, &change);
	(void)settle(scene);
	change.vni = NUMBER(7);
	change_vni(scene, &change);
	change.vni = (struct optional_number){};
	change.remove = SESSION_FIELD_VNI;
	change_vni(scene, &change);
	(void)settle(scene);
	assert_done(fixture, control_describe_sessions(fixture->control, &fixture->user,
						       &(struct query){}, &page, &fixture->why));
	assert_int_equal(page.count, MANY);
	for (size_t i = 0; i < page.count; i++)
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(page.items[i].session.vni, page.items[j].session.vni);
	session_page_fini(&page);
}

/* Many that were refused are tried again in turns, each of which is bounded, once there is room. */
static void test_many_refused(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	char instance[RESOURCE_ID_SIZE];

	plug_many(scene);
	assert_done(fixture, control_modify_quota(fixture->control, &fixture->user, NULL,
						  "sessions", 1, &fixture->why));
	instance_of(scene, fixture->eth0, instance);
	tag(scene, instance, app, web);
	(void)settle(scene);
	assert_int_equal(status_of(scene, scene->selector).refusals, MANY - 1);
	assert_done(fixture, control_reset_quota(fixture->control, &fixture->user, NULL, "sessions",
						 &fixture->why));
	for (int i = 0; i < MANY && status_of(scene, scene->selector).refusals > 0; i++)
		(void)settle(scene);
	assert_int_equal(status_of(scene, scene->selector).sessions, MANY);
	assert_int_equal(status_of(scene, scene->selector).refusals, 0);
}

/* The end is the selector's, and its sessions'. */
static void test_expiry(void **state)
{
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	struct selector_wish wish = wish_of(scene, 2);
	struct ended_sessions ended = {};
	struct session session;
	char id[RESOURCE_ID_SIZE];

	wish.options = (struct options_wish){.duration = NUMBER(60)};
	assert_done(fixture, make_selector(scene, &wish, id));
	fixture->now += 30000;
	tag(scene, fixture->tap0, app, web);
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 2);
	fixture->now += 30000;
	assert_done(fixture, control_expire_sessions(fixture->control, &ended, &fixture->why));
	ended_sessions_fini(&ended);
	assert_int_equal(sessions_of(scene, fixture->tap0, &session), 1);
	assert_string_equal(session.selector.text, scene->selector);
	(void)settle(scene);
	assert_int_equal(sessions_of(scene, fixture->tap0, NULL), 1);
	assert_int_equal(status_of(scene, id).state, SELECTOR_DELETING);
	assert_refused(fixture,
		       control_delete_selector(fixture->control, &fixture->user, id, &fixture->why),
		       REFUSE_SELECTOR_NOT_FOUND);
}

/* Charged from their making to their end, by their own account. */
static void test_charged(void **state)
{
	const int64_t hour = 60 * 60 * 1000;
	struct scene *scene = *state;
	struct fixture *fixture = &scene->fixture;
	const struct usage_wish wish = {
		.from = "2023-11-14"}; /* When the fixture's clock begins. */
	struct usage_page page = {};

	tag(scene, fixture->tap0, app, web);
	fixture->now += 2 * hour - 1;
	untag(scene, fixture->tap0, app);
	fixture->now += 5 * hour;
	assert_done(fixture, control_describe_usage(fixture->control, &fixture->user, &wish,
						    &(struct query){}, &page, &fixture->why));
	assert_int_equal(page.count, 1);
	assert_int_equal(page.items[0].hours, 2);
	usage_page_fini(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
		TEST(test_tag_makes_and_ends),
		TEST(test_creation_looks_at_all),
		TEST(test_tags_of_instance),
		TEST(test_tags_of_inventory),
		TEST(test_unplugged),
		TEST(test_modify),
		TEST(test_sessions_are_its_own),
		TEST(test_delete),
		TEST(test_needs_its_parts),
		TEST(test_number_taken),
		TEST(test_one_after_the_other),
		TEST(test_refusal_ends),
		TEST(test_quota),
		TEST(test_creation_refused),
		TEST(test_dry_run),
		TEST(test_instance_of_many),
		TEST(test_sweeps_of_many),
		TEST(test_vnis_in_mid_sweep),
		TEST(test_many_refused),
		TEST(test_expiry),
		TEST(test_charged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
