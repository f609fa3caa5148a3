// SPDX-License-Identifier: Apache-2.0
/* What every storage engine keeps of load balancers and listeners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench.h"
#include "mirror/refusals.h"
#include "store/balancer.h"
#include "store/listener.h"
#include "store/store.h"
#include "store/tag.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OWNER "123456789012"

static struct balancer put_balancer(struct bench *bench, enum balancer_type type, const char *name)
{
	struct balancer balancer = {
		.owner = {OWNER},
		.type = type,
		.internal = true,
		.interface = {"eni-00000001"},
		.addressed = true,
		.created = 7,
	};

	(void)snprintf(balancer.name, sizeof(balancer.name), "%s", name);
	balancer_make_arn(&balancer, "eu-1");
	assert_int_equal(store_put_balancer(bench->store, &balancer), 0);
	return balancer;
}

static struct listener put_listener(struct bench *bench, const struct balancer *balancer,
				    uint16_t port, const char *group)
{
	struct listener listener = {
		.balancer = balancer->arn,
		.owner = balancer->owner,
		.protocol = LISTENER_TCP_UDP,
		.port = port,
		.tcp_idle = 350,
		.created = 8,
	};

	(void)snprintf(listener.group.text, sizeof(listener.group.text), "%s", group);
	listener_make_arn(&listener, "eu-1");
	assert_int_equal(store_put_listener(bench->store, &listener), 0);
	return listener;
}

/* Member by member: what lies between them is nobody's. */
static void assert_balancer_equal(const struct balancer *left, const struct balancer *right)
{
	assert_string_equal(left->arn.text, right->arn.text);
	assert_string_equal(left->owner.text, right->owner.text);
	assert_string_equal(left->name, right->name);
	assert_string_equal(left->interface.text, right->interface.text);
	assert_int_equal(left->type, right->type);
	assert_int_equal(left->internal, right->internal);
	assert_int_equal(left->addressed, right->addressed);
	assert_int_equal(left->guarded, right->guarded);
	assert_int_equal(left->cross_zone, right->cross_zone);
	assert_int_equal(left->created, right->created);
}

static void assert_listener_equal(const struct listener *left, const struct listener *right)
{
	assert_string_equal(left->arn.text, right->arn.text);
	assert_string_equal(left->balancer.text, right->balancer.text);
	assert_string_equal(left->owner.text, right->owner.text);
	assert_string_equal(left->group.text, right->group.text);
	assert_int_equal(left->protocol, right->protocol);
	assert_int_equal(left->port, right->port);
	assert_int_equal(left->tcp_idle, right->tcp_idle);
	assert_int_equal(left->created, right->created);
}

static void test_rows_come_back_as_they_went(void **state)
{
	struct bench *bench = *state;
	struct balancer balancer = put_balancer(bench, BALANCER_GATEWAY, "wall"), other;
	struct listener listener = put_listener(bench, &balancer, 4789, "group"), heard;

	assert_int_equal(store_get_balancer(bench->store, balancer.arn.text, &other), 0);
	assert_balancer_equal(&other, &balancer);
	assert_int_equal(store_get_listener(bench->store, listener.arn.text, &heard), 0);
	assert_listener_equal(&heard, &listener);
	assert_int_equal(store_get_balancer(bench->store, listener.arn.text, &other),
			 STORE_MISSING);
	assert_int_equal(store_get_listener(bench->store, balancer.arn.text, &heard),
			 STORE_MISSING);
}

static void test_what_can_change(void **state)
{
	struct bench *bench = *state;
	struct balancer balancer = put_balancer(bench, BALANCER_NETWORK, "sensors"), other;
	struct listener listener = put_listener(bench, &balancer, 4789, "group"), heard;

	balancer.guarded = balancer.cross_zone = true;
	assert_int_equal(store_put_balancer(bench->store, &balancer), 0);
	assert_int_equal(store_get_balancer(bench->store, balancer.arn.text, &other), 0);
	assert_balancer_equal(&other, &balancer);
	listener.protocol = LISTENER_UDP;
	listener.port = 4790;
	listener.tcp_idle = 60;
	(void)strcpy(listener.group.text, "other");
	assert_int_equal(store_put_listener(bench->store, &listener), 0);
	assert_int_equal(store_find_listener(bench->store, balancer.arn.text, 4790, &heard), 0);
	assert_listener_equal(&heard, &listener);
	assert_int_equal(store_find_listener(bench->store, balancer.arn.text, 4789, &heard),
			 STORE_MISSING);
}

/* A name is one's of its type; a port is one's of its load balancer. */
static void test_names_and_ports_are_taken_once(void **state)
{
	struct bench *bench = *state;
	struct balancer balancer = put_balancer(bench, BALANCER_NETWORK, "sensors"), other;
	struct listener listener = put_listener(bench, &balancer, 4789, "group");
	int64_t count;

	(void)put_balancer(bench, BALANCER_GATEWAY, "sensors");
	other = balancer;
	balancer_make_arn(&other, "eu-1");
	assert_int_equal(store_put_balancer(bench->store, &other), -EEXIST);
	listener_make_arn(&listener, "eu-1");
	assert_int_equal(store_put_listener(bench->store, &listener), -EEXIST);
	assert_int_equal(
		store_find_balancer(bench->store, OWNER, BALANCER_GATEWAY, "sensors", &other), 0);
	assert_int_equal(other.type, BALANCER_GATEWAY);
	assert_int_equal(store_count_balancers(bench->store, OWNER, BALANCER_NETWORK, &count), 0);
	assert_int_equal(count, 1);
}

static void test_listeners_are_found_by_what_they_are_of(void **state)
{
	static const enum listener_selection selections[] = {
		LISTENERS_OF_OWNER, LISTENERS_OF_BALANCER, LISTENERS_OF_GROUP};
	struct bench *bench = *state;
	struct balancer balancer = put_balancer(bench, BALANCER_NETWORK, "sensors");
	struct balancer second = put_balancer(bench, BALANCER_NETWORK, "second");
	const char *const keys[] = {OWNER, balancer.arn.text, "left"};
	const int64_t counts[] = {3, 2, 2};
	int64_t count;

	(void)put_listener(bench, &balancer, 4789, "left");
	(void)put_listener(bench, &balancer, 4790, "right");
	(void)put_listener(bench, &second, 4789, "left");
	for (size_t i = 0; i < 3; i++) {
		_cleanup_(cursor_closep) struct cursor *cursor = NULL;
		struct listener listener;
		char last[ARN_SIZE] = "";
		int64_t seen = 0;

		assert_int_equal(
			store_select_listeners(bench->store, selections[i], keys[i], "", &cursor),
			0);
		for (; store_next_listener(cursor, &listener) == STORE_ROW; seen++) {
			assert_true(strcmp(listener.arn.text, last) > 0);
			(void)strcpy(last, listener.arn.text);
		}
		assert_int_equal(seen, counts[i]);
	}
	assert_int_equal(store_count_listeners(bench->store, balancer.arn.text, &count), 0);
	assert_int_equal(count, 2);
}

static void test_a_balancer_takes_its_own_along(void **state)
{
	struct bench *bench = *state;
	struct balancer balancer = put_balancer(bench, BALANCER_NETWORK, "sensors");
	struct listener listener = put_listener(bench, &balancer, 4789, "group"), heard;
	const char *const tagged[] = {balancer.arn.text, listener.arn.text, "arn:other"};
	const size_t left[] = {0, 0, 1};

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(store_put_tag(bench->store, OWNER, tagged[i], "k", "v"), 0);
	assert_int_equal(store_delete_balancer(bench->store, balancer.arn.text), 0);
	assert_int_equal(store_delete_balancer(bench->store, balancer.arn.text), STORE_MISSING);
	assert_int_equal(store_get_listener(bench->store, listener.arn.text, &heard),
			 STORE_MISSING);
	for (size_t i = 0; i < 3; i++) {
		_cleanup_(tags_fini) struct tags tags = {};

		assert_int_equal(store_load_tags(bench->store, tagged[i], &tags), 0);
		assert_int_equal(tags.count, left[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EVERY(test_rows_come_back_as_they_went),
		EVERY(test_what_can_change),
		EVERY(test_names_and_ports_are_taken_once),
		EVERY(test_listeners_are_found_by_what_they_are_of),
		EVERY(test_a_balancer_takes_its_own_along),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
