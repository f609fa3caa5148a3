// SPDX-License-Identifier: Apache-2.0
/* Checks of real sockets on the loopback device, a second apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/count.h"
#include "health/health.h"
#include "health/probe.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define PATIENCE (20 * NSEC_PER_SEC)

/* Says the same to everybody; NULL: nothing, and takes nobody in. */
struct server {
	int descriptor;
	uint16_t port;
	const char *answer;
	pthread_t thread;
};

static void *serve(void *context)
{
	struct server *server = context;

	for (;;) {
		_cleanup_close_ int client = accept(server->descriptor, NULL, NULL);
		char request[4096];

		if (client < 0)
			return NULL;
		if (recv(client, request, sizeof(request), 0) > 0)
			(void)send(client, server->answer, strlen(server->answer), MSG_NOSIGNAL);
	}
}

static void server_open(struct server *server, int type, uint16_t port, const char *answer)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				      .sin_port = htons(port)};
	socklen_t length = sizeof(address);
	int on = 1;

	server->answer = answer;
	server->descriptor = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	assert_return_code(
		setsockopt(server->descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	assert_return_code(bind(server->descriptor, (struct sockaddr *)&address, length), 0);
	assert_return_code(getsockname(server->descriptor, (struct sockaddr *)&address, &length),
			   0);
	server->port = ntohs(address.sin_port);
	if (type == SOCK_STREAM)
		assert_return_code(listen(server->descriptor, 100), 0);
	if (answer)
		assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static void server_close(struct server *server)
{
	(void)shutdown(server->descriptor, SHUT_RDWR);
	if (server->answer)
		(void)pthread_join(server->thread, NULL);
	close(server->descriptor);
}

static struct fleet_member make_member(const char *address, uint16_t port)
{
	struct fleet_member member = {.port = 4789, .check_port = port, .weight = 1};

	(void)snprintf(member.id, sizeof(member.id), "%s-%u", address, port);
	assert_true(address_parse(address, &member.address));
	return member;
}

static struct fleet make_fleet(char letter, enum check_protocol protocol,
			       struct fleet_member *members, size_t count)
{
	struct fleet fleet = {
		.id = {letter},
		.check = {protocol, "/health?x=1#y", "200-299,404", 1, 1, 2, 2},
		.members = members,
		.member_count = count,
	};

	fleet_sort(&fleet);
	return fleet;
}

/* What is looked for, and what was found. */
struct search {
	const char *fleet, *member;
	enum member_state state;
	enum member_reason reason;
	bool found;
};

static void look(void *context, const struct health_opinion *opinion)
{
	struct search *search = context;

	if (strcmp(opinion->fleet, search->fleet) != 0 ||
	    (search->member && strcmp(opinion->member->id, search->member) != 0))
		return;
	search->found = true;
	search->state = opinion->state;
	search->reason = opinion->reason;
}

static void ignore(void *context, const struct health_opinion *opinion)
{
	(void)context;
	(void)opinion;
}

static void count(void *context, const struct health_opinion *opinion)
{
	*(size_t *)context += opinion->state == MEMBER_HEALTHY;
}

static size_t count_healthy(struct health *health)
{
	size_t healthy = 0;

	health_visit(health, count, &healthy);
	return healthy;
}

static struct search find(struct health *health, const char *fleet, const char *member)
{
	struct search search = {fleet, member};

	health_visit(health, look, &search);
	return search;
}

/* Waits for news until the member is in this state. */
static void await(struct health *health, const char *fleet, const char *member,
		  enum member_state state)
{
	uint64_t deadline = clock_monotonic() + PATIENCE;
	struct search search = find(health, fleet, member);

	while (!search.found || search.state != state) {
		struct pollfd news = {health_get_descriptor(health), POLLIN, 0};

		assert_true(clock_monotonic() < deadline);
		(void)poll(&news, 1, 1000);
		assert_true(health_take_news(health, ignore, NULL) >= 0);
		search = find(health, fleet, member);
	}
}

static struct health *begin(const struct fleet *const *fleets, size_t count)
{
	struct health *health;

	assert_int_equal(health_new(0, &health), 0);
	assert_int_equal(health_set_fleets(health, fleets, count), 0);
	assert_int_equal(health_start(health), 0);
	return health;
}

/* A port that nobody listens on. */
static uint16_t find_free_port(int type)
{
	struct server server = {};

	server_open(&server, type, 0, NULL);
	server_close(&server);
	return server.port;
}

static void test_every_way_to_check(void **state)
{
	enum { OPEN, SILENT, OK, MISSING, BROKEN, RUDE, SENSOR, SERVERS };
	static const char *const answers[SERVERS] = {
		[OK] = "HTTP/1.1 204 No Content\r\n\r\n",
		[MISSING] = "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nwell then",
		[BROKEN] = "HTTP/1.1 503 Oh\r\nContent-Length: 0\r\n\r\n",
		[RUDE] = "SSH-2.0-whoever\r\n",
	};
	struct server servers[SERVERS] = {};
	uint16_t closed = find_free_port(SOCK_STREAM), closed_udp = find_free_port(SOCK_DGRAM);

	(void)state;
	for (int i = 0; i < SERVERS; i++)
		server_open(&servers[i], i == SENSOR ? SOCK_DGRAM : SOCK_STREAM, 0, answers[i]);

	const struct {
		enum check_protocol protocol;
		const char *address;
		uint16_t port;
		enum member_state state;
		enum member_reason reason;
	} rows[] = {
		{CHECK_TCP, "127.0.0.1", servers[OPEN].port, MEMBER_HEALTHY, MEMBER_NO_REASON},
		{CHECK_TCP, "127.0.0.1", closed, MEMBER_UNHEALTHY, MEMBER_FAILED_HEALTH_CHECKS},
		{CHECK_TCP, "::1", closed, MEMBER_UNHEALTHY, MEMBER_FAILED_HEALTH_CHECKS},
		{CHECK_HTTP, "127.0.0.1", servers[OK].port, MEMBER_HEALTHY, MEMBER_NO_REASON},
		{CHECK_HTTP, "127.0.0.1", servers[MISSING].port, MEMBER_HEALTHY, MEMBER_NO_REASON},
		{CHECK_HTTP, "127.0.0.1", servers[BROKEN].port, MEMBER_UNHEALTHY,
		 MEMBER_RESPONSE_CODE_MISMATCH},
		{CHECK_HTTP, "127.0.0.1", servers[RUDE].port, MEMBER_UNHEALTHY,
		 MEMBER_FAILED_HEALTH_CHECKS},
		{CHECK_HTTP, "127.0.0.1", servers[SILENT].port, MEMBER_UNHEALTHY, MEMBER_TIMEOUT},
		{CHECK_HTTP, "::1", closed, MEMBER_UNHEALTHY, MEMBER_FAILED_HEALTH_CHECKS},
		{CHECK_HTTPS, "127.0.0.1", servers[OK].port, MEMBER_UNHEALTHY,
		 MEMBER_FAILED_HEALTH_CHECKS},
		{CHECK_UDP, "127.0.0.1", servers[SENSOR].port, MEMBER_HEALTHY, MEMBER_NO_REASON},
		{CHECK_UDP, "127.0.0.1", closed_udp, MEMBER_UNHEALTHY, MEMBER_FAILED_HEALTH_CHECKS},
		{CHECK_UDP, "::1", closed_udp, MEMBER_UNHEALTHY, MEMBER_FAILED_HEALTH_CHECKS},
		{CHECK_ICMP, "127.0.0.1", 1, MEMBER_HEALTHY, MEMBER_NO_REASON},
		{CHECK_ICMP, "::1", 1, MEMBER_HEALTHY, MEMBER_NO_REASON},
		{CHECK_NONE, "127.0.0.1", closed, MEMBER_HEALTHY, MEMBER_NO_REASON},
	};
	struct fleet_member members[ARRAY_SIZE(rows)];
	struct fleet fleets[ARRAY_SIZE(rows)];
	const struct fleet *pointers[ARRAY_SIZE(rows)];

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		members[i] = make_member(rows[i].address, rows[i].port);
		fleets[i] = make_fleet((char)('a' + i), rows[i].protocol, &members[i], 1);
		pointers[i] = &fleets[i];
	}
	_cleanup_(health_freep) struct health *health = begin(pointers, ARRAY_SIZE(rows));

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		await(health, fleets[i].id, NULL, rows[i].state);
		assert_int_equal(find(health, fleets[i].id, NULL).reason, rows[i].reason);
	}
	/* What everybody knows is no news. */
	assert_int_equal(health_take_news(health, ignore, NULL), 0);
	for (int i = 0; i < SERVERS; i++)
		server_close(&servers[i]);
}

static void test_an_appliance_dies_and_returns(void **state)
{
	struct server server = {};

	(void)state;
	server_open(&server, SOCK_STREAM, 0, NULL);

	struct fleet_member member = make_member("127.0.0.1", server.port);
	const struct fleet fleet = make_fleet('a', CHECK_TCP, &member, 1), *pointer = &fleet;
	_cleanup_(health_freep) struct health *health = begin(&pointer, 1);
	uint64_t died;

	await(health, "a", NULL, MEMBER_HEALTHY);
	server_close(&server);
	died = clock_monotonic();
	await(health, "a", NULL, MEMBER_UNHEALTHY);
	/* Up to an interval until the first check, and an interval until the second. */
	assert_in_range(clock_monotonic() - died, NSEC_PER_SEC / 2, 5 * NSEC_PER_SEC / 2);
	server_open(&server, SOCK_STREAM, member.check_port, NULL);
	await(health, "a", NULL, MEMBER_HEALTHY);
	server_close(&server);
}

/* Else it would get all flows, while the others are still being asked. */
static void test_the_first_to_answer_waits_for_the_others(void **state)
{
	struct server quick = {}, silent = {};

	(void)state;
	server_open(&quick, SOCK_STREAM, 0, "HTTP/1.1 200 OK\r\n\r\n");
	server_open(&silent, SOCK_STREAM, 0, NULL);

	struct fleet_member members[] = {make_member("127.0.0.1", quick.port),
					 make_member("127.0.0.1", silent.port)};
	char id[FLEET_MEMBER_ID_SIZE];
	const struct fleet fleet = make_fleet('a', CHECK_HTTP, members, 2), *pointer = &fleet;
	uint64_t begun = clock_monotonic();
	_cleanup_(health_freep) struct health *health = begin(&pointer, 1);

	(void)snprintf(id, sizeof(id), "127.0.0.1-%u", quick.port);
	await(health, "a", id, MEMBER_HEALTHY);
	assert_true(clock_monotonic() - begun >= NSEC_PER_SEC);
	server_close(&quick);
	server_close(&silent);
}

static void test_another_plan_keeps_what_is_known(void **state)
{
	struct server server = {};

	(void)state;
	server_open(&server, SOCK_STREAM, 0, NULL);

	struct fleet_member members[] = {make_member("127.0.0.1", server.port),
					 make_member("127.0.0.2", server.port)};
	const struct fleet small = make_fleet('a', CHECK_TCP, members, 1), *before = &small;
	const struct fleet large = make_fleet('a', CHECK_TCP, members, 2);
	const struct fleet other = make_fleet('b', CHECK_NONE, members, 1);
	const struct fleet *after[] = {&large, &other};
	_cleanup_(health_freep) struct health *health = begin(&before, 1);

	await(health, "a", members[0].id, MEMBER_HEALTHY);
	assert_int_equal(health_set_fleets(health, after, 2), 0);
	await(health, "b", NULL, MEMBER_HEALTHY);
	assert_int_equal(find(health, "a", members[0].id).state, MEMBER_HEALTHY);
	assert_int_equal(find(health, "a", members[1].id).state, MEMBER_INITIAL);
	await(health, "a", members[1].id, MEMBER_UNHEALTHY);
	assert_int_equal(find(health, "a", members[0].id).state, MEMBER_HEALTHY);
	assert_int_equal(health_set_fleets(health, NULL, 0), 0);
	for (int i = 0; i < 1000 && find(health, "a", NULL).found; i++)
		clock_sleep(10 * NSEC_PER_MSEC);
	assert_false(find(health, "a", NULL).found);
	server_close(&server);
}

/* Silence takes a second each, and there is not room for all at once: everybody has his turn all the same. */
static void test_more_members_than_sockets(void **state)
{
	enum { MEMBERS = PROBES_MAX * 5 / 2 };
	static struct fleet_member members[MEMBERS];
	struct server sensor = {};

	(void)state;
	server_open(&sensor, SOCK_DGRAM, 0, NULL);
	for (unsigned int i = 0; i < MEMBERS; i++) {
		members[i] = make_member("127.0.0.1", sensor.port);
		members[i].port = (uint16_t)(1000 + i);
	}

	const struct fleet fleet = make_fleet('a', CHECK_UDP, members, MEMBERS), *pointer = &fleet;
	_cleanup_(health_freep) struct health *health = begin(&pointer, 1);

	/* The fleet's first word comes when each was asked. */
	await(health, "a", NULL, MEMBER_HEALTHY);
	assert_int_equal(count_healthy(health), MEMBERS);
	server_close(&sensor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_way_to_check),
		cmocka_unit_test(test_an_appliance_dies_and_returns),
		cmocka_unit_test(test_the_first_to_answer_waits_for_the_others),
		cmocka_unit_test(test_another_plan_keeps_what_is_known),
		cmocka_unit_test(test_more_members_than_sockets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
