// SPDX-License-Identifier: Apache-2.0
/* A server on a loopback port and clients that write bytes themselves, so that slow, greedy and broken ones can be
 * played too. */
#include "net/http_server.h"

#include "base/clock.h"
#include "base/refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY_LIMIT 1000

/* What the handlers below share with the tests. */
struct scene {
	struct http_server *server;
	atomic_int turns;
	atomic_bool released;
	bool wake_within_handler;
};

static size_t limit_body(void *context, const struct http_request *request)
{
	(void)context;
	return strcmp(request->path, "/large") == 0 ? 1 << 20 : BODY_LIMIT;
}

/* Tells the client what arrived. */
static void echo(const struct http_request *request, struct http_reply *reply)
{
	const char *name = http_request_get_header(request, "x-name");

	reply->status = 200;
	http_reply_add_header(reply, "X-Answer", "yes");
	text_printf(&reply->body, "%s %s?%s %s %zu", request->method, request->path, request->query,
		    name ? name : "-", request->body_size);
}

static int handle(void *context, const struct http_request *request, struct http_reply *reply)
{
	struct scene *scene = context;

	if (strcmp(request->path, "/fault") == 0)
		return -EIO;
	if (strcmp(request->path, "/constant") == 0) {
		reply->status = 200;
		reply->constant = "constant";
		reply->constant_size = 5;
		return 0;
	}
	if (strncmp(request->path, "/wait", 5) != 0) {
		echo(request, reply);
		return 0;
	}
	atomic_fetch_add(&scene->turns, 1);
	if (atomic_load(&scene->released) ||
	    clock_monotonic() >= request->arrived + 300 * NSEC_PER_MSEC) {
		reply->status = atomic_load(&scene->released) ? 200 : 304;
		return 0;
	}
	(void)string_copy(reply->wait_key, sizeof(reply->wait_key), "key");
	reply->wait_room = strcmp(request->path, "/wait/bounded") == 0 ? 2 : 0;
	reply->wait_until =
		request->arrived +
		(strcmp(request->path, "/wait") != 0 ? 60 * NSEC_PER_SEC : 300 * NSEC_PER_MSEC);
	if (scene->wake_within_handler) {
		atomic_store(&scene->released, true);
		http_server_wake(scene->server, "key");
	}
	return HTTP_WAIT;
}

static void scene_open(struct scene *scene, const struct http_server_options *wished)
{
	struct http_server_options options = *wished;
	struct refusal why = {};

	*scene = (struct scene){};
	assert_true(address_parse("127.0.0.1", &options.address));
	options.handler = (struct http_handler){scene, limit_body, handle};
	assert_int_equal(http_server_open(&options, &scene->server, &why), 0);
	assert_int_equal(http_server_start(scene->server), 0);
	assert_true(http_server_port(scene->server) != 0);
}

static void scene_close(struct scene *scene)
{
	if (scene->server)
		http_server_close(scene->server);
	scene->server = NULL;
}
#define _cleanup_scene_ _cleanup_(scene_close)

static int dial(const struct scene *scene)
{
	struct sockaddr_storage name;
	struct address address;
	socklen_t size;
	int descriptor;

	assert_true(address_parse("127.0.0.1", &address));
	size = address_to_socket(&address, http_server_port(scene->server), &name);
	descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(descriptor >= 0);
	assert_int_equal(connect(descriptor, (struct sockaddr *)&name, size), 0);
	return descriptor;
}

static void say(int descriptor, const char *words)
{
	assert_int_equal(send(descriptor, words, strlen(words), MSG_NOSIGNAL), strlen(words));
}

/* Everything until the server closes, at the latest in five seconds. */
static char *listen_all(int descriptor)
{
	struct pollfd wait = {.fd = descriptor, .events = POLLIN};
	_cleanup_text_ struct text heard = {};
	char piece[4096];

	while (poll(&wait, 1, 5000) == 1) {
		ssize_t size = recv(descriptor, piece, sizeof(piece), 0);

		if (size <= 0)
			break;
		text_append_bytes(&heard, piece, (size_t)size);
	}
	return text_steal(&heard);
}

static char *ask(const struct scene *scene, const char *words)
{
	_cleanup_close_ int descriptor = dial(scene);

	say(descriptor, words);
	return listen_all(descriptor);
}

#define GET(target) "GET " target " HTTP/1.1\r\nHost: h\r\nX-Name: n\r\nConnection: close\r\n\r\n"

static void test_sends_constants_as_they_are(void **state)
{
	_cleanup_scene_ struct scene scene;
	_cleanup_free_ char *body = NULL, *head = NULL;

	(void)state;
	scene_open(&scene, &(struct http_server_options){0});
	body = ask(&scene, GET("/constant"));
	assert_non_null(strstr(body, "Content-Length: 5\r\n"));
	assert_string_equal(strstr(body, "\r\n\r\n"), "\r\n\r\nconst");
	head = ask(&scene, "HEAD /constant HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	assert_non_null(strstr(head, "Content-Length: 5\r\n"));
	assert_string_equal(strstr(head, "\r\n\r\n"), "\r\n\r\n");
}

static void test_hands_over_what_was_sent(void **state)
{
	_cleanup_scene_ struct scene scene;
	_cleanup_free_ char *heard = NULL;

	(void)state;
	scene_open(&scene, &(struct http_server_options){});
	heard = ask(&scene, GET("/a%2fb?c=d%20e&f"));
	assert_non_null(strstr(heard, "HTTP/1.1 200 "));
	assert_non_null(strstr(heard, "X-Answer: yes\r\n"));
	assert_non_null(strstr(heard, "GET /a%2fb?c=d%20e&f n 0"));
}

static void test_faults_are_bare(void **state)
{
	_cleanup_scene_ struct scene scene;
	_cleanup_free_ char *heard = NULL;

	(void)state;
	scene_open(&scene, &(struct http_server_options){});
	heard = ask(&scene, GET("/fault"));
	assert_non_null(strstr(heard, "HTTP/1.1 500 "));
}

static void test_bounds_bodies(void **state)
{
	static const char post[] = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";
	_cleanup_scene_ struct scene scene;

	(void)state;
	scene_open(&scene, &(struct http_server_options){});
	for (int size = BODY_LIMIT - 1; size <= BODY_LIMIT + 1; size++)
		for (int chunked = 0; chunked <= 1; chunked++) {
			_cleanup_free_ char *heard = NULL;
			_cleanup_text_ struct text words = {};

			text_append(&words, post);
			text_printf(&words,
				    chunked ? "Transfer-Encoding: chunked\r\n\r\n%x\r\n"
					    : "Content-Length: %d\r\n\r\n",
				    (unsigned int)size);
			for (int i = 0; i < size; i++)
				text_append_char(&words, 'x');
			if (chunked)
				text_append(&words, "\r\n0\r\n\r\n");
			heard = ask(&scene, words.data);
			if (size <= BODY_LIMIT)
				assert_non_null(strstr(heard, "HTTP/1.1 200 "));
			else
				assert_non_null(strstr(heard, "HTTP/1.1 413 "));
		}
}

/* A body that is too large and has no end is not listened to for ever. */
static void test_cuts_off_endless_bodies(void **state)
{
	_cleanup_free_ char *piece = calloc(1, (1 << 20) + 11);
	_cleanup_scene_ struct scene scene;
	_cleanup_close_ int descriptor = -1;
	int count = 0;

	(void)state;
	assert_non_null(piece);
	scene_open(&scene, &(struct http_server_options){});
	descriptor = dial(&scene);
	say(descriptor, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
	memcpy(piece, "100000\r\n", 8);
	memset(piece + 8, 'x', 1 << 20);
	memcpy(piece + 8 + (1 << 20), "\r\n", 2);
	while (count < 100 && send(descriptor, piece, (1 << 20) + 10, MSG_NOSIGNAL) > 0)
		count++;
	assert_in_range(count, 16, 40); /* The sockets hold some, too. */
}

static void test_bounds_all_bodies_together(void **state)
{
	static const char post[] = "POST /large HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
				   "Content-Length: 20000\r\n\r\n";
	_cleanup_scene_ struct scene scene;
	char body[20001];

	(void)state;
	memset(body, 'x', sizeof(body) - 1);
	body[sizeof(body) - 1] = '\0';
	scene_open(&scene, &(struct http_server_options){.bodies_size_max = 30000});
	for (int round = 0; round < 3; round++) {
		_cleanup_close_ int first = dial(&scene), second = dial(&scene);
		_cleanup_free_ char *heard_first = NULL, *heard_second = NULL;
		bool both;

		say(first, post);
		say(second, post);
		body[19999] = '\0';
		say(first, body);
		say(second, body);
		body[19999] = 'x';
		usleep(200000); /* Both are in the server's hands, one byte short. */
		say(first, "x");
		say(second, "x");
		heard_first = listen_all(first);
		heard_second = listen_all(second);
		both = strstr(heard_first, " 200 ") && strstr(heard_second, " 200 ");
		assert_false(both);
		assert_true(strstr(heard_first, " 200 ") || strstr(heard_second, " 200 "));
		assert_true(strstr(heard_first, " 503 ") || strstr(heard_second, " 503 "));
	}
}

static void test_too_many_headers(void **state)
{
	_cleanup_scene_ struct scene scene;
	_cleanup_text_ struct text words = {};
	_cleanup_free_ char *heard = NULL;

	(void)state;
	scene_open(&scene, &(struct http_server_options){});
	text_append(&words, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n");
	for (int i = 0; i < 200; i++)
		text_printf(&words, "X-%d: y\r\n", i);
	text_append(&words, "\r\n");
	heard = ask(&scene, words.data);
	assert_non_null(strstr(heard, "HTTP/1.1 431 "));
}

/* libmicrohttpd refuses some requests by itself, after it has told us of them; nothing of them is left. */
static void test_forgets_refused_requests(void **state)
{
	_cleanup_scene_ struct scene scene;
	_cleanup_text_ struct text words = {};
	uint64_t start;

	(void)state;
	scene_open(&scene, &(struct http_server_options){});
	text_append(&words, "GET /?");
	for (int i = 0; i < 30000; i++)
		text_append(&words, "a&");
	text_append(&words, " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	for (int i = 0; i < 3; i++) {
		_cleanup_free_ char *heard = ask(&scene, words.data);

		assert_null(strstr(heard, "HTTP/1.1 200 "));
	}
	/* The end waits for requests that are at hand. */
	start = clock_monotonic();
	scene_close(&scene);
	assert_true(clock_monotonic() - start < NSEC_PER_SEC);
}

/* What two readers could take for two different requests is nobody's. */
static void test_bodies_have_one_size(void **state)
{
	static const char *const sizes[] = {
		"Content-Length: 3\r\nContent-Length: 5\r\n\r\nhello",
		"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	};
	_cleanup_scene_ struct scene scene;

	(void)state;
	scene_open(&scene, &(struct http_server_options){});
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		_cleanup_text_ struct text words = {};
		_cleanup_free_ char *heard = NULL;

		text_printf(&words, "POST / HTTP/1.1\r\nHost: h\r\n%s", sizes[i]);
		heard = ask(&scene, words.data);
		assert_non_null(strstr(heard, "HTTP/1.1 400 "));
	}
}

static void test_wait_ends_at_its_deadline(void **state)
{
	_cleanup_scene_ struct scene scene;
	_cleanup_free_ char *heard = NULL;
	uint64_t start = clock_monotonic(), elapsed;

	(void)state;
	scene_open(&scene, &(struct http_server_options){});
	heard = ask(&scene, GET("/wait"));
	elapsed = clock_monotonic() - start;
	assert_non_null(strstr(heard, "HTTP/1.1 304 "));
	assert_int_equal(atomic_load(&scene.turns), 2);
	assert_true(elapsed >= 300 * NSEC_PER_MSEC);
}

static void test_wake_ends_a_wait(void **state)
{
	_cleanup_scene_ struct scene scene;
	_cleanup_close_ int descriptor = -1;
	_cleanup_free_ char *heard = NULL;
	uint64_t start;

	(void)state;
	scene_open(&scene, &(struct http_server_options){});
	descriptor = dial(&scene);
	say(descriptor, GET("/wait/long"));
	while (atomic_load(&scene.turns) == 0)
		usleep(1000);
	http_server_wake(scene.server, "another key");
	atomic_store(&scene.released, true);
	start = clock_monotonic();
	http_server_wake(scene.server, "key");
	heard = listen_all(descriptor);
	assert_non_null(strstr(heard, "HTTP/1.1 200 "));
	assert_true(clock_monotonic() - start < NSEC_PER_SEC);
}

/* Between a handler's decision to wait and the connection's sleep. */
static void test_no_wake_is_missed(void **state)
{
	_cleanup_scene_ struct scene scene;
	_cleanup_free_ char *heard = NULL;
	uint64_t start = clock_monotonic();

	(void)state;
	scene_open(&scene, &(struct http_server_options){});
	scene.wake_within_handler = true;
	heard = ask(&scene, GET("/wait/long"));
	assert_non_null(strstr(heard, "HTTP/1.1 200 "));
	assert_true(clock_monotonic() - start < 5 * NSEC_PER_SEC);
}

/* Who finds no room is answered at once; when somebody has gone there is room again. */
static void test_some_waits_are_bounded(void **state)
{
	_cleanup_scene_ struct scene scene;
	_cleanup_close_ int first = -1, second = -1;
	_cleanup_free_ char *refused = NULL, *woken = NULL, *unbounded = NULL;

	(void)state;
	scene_open(&scene, &(struct http_server_options){});
	first = dial(&scene);
	say(first, GET("/wait/bounded"));
	second = dial(&scene);
	say(second, GET("/wait/bounded"));
	while (atomic_load(&scene.turns) < 2)
		usleep(1000);
	refused = ask(&scene, GET("/wait/bounded"));
	assert_non_null(strstr(refused, "HTTP/1.1 503 "));
	assert_int_equal(atomic_load(&scene.turns), 4);
	unbounded = ask(&scene, GET("/wait"));
	assert_non_null(strstr(unbounded, "HTTP/1.1 304 "));
	atomic_store(&scene.released, true);
	http_server_wake(scene.server, "key");
	woken = listen_all(first);
	assert_non_null(strstr(woken, "HTTP/1.1 200 "));
	free(listen_all(second));
	atomic_store(&scene.released, false);
	scene.wake_within_handler = true;
	free(refused);
	refused = ask(&scene, GET("/wait/bounded"));
	assert_non_null(strstr(refused, "HTTP/1.1 200 "));
}

/* Of all keys together: with four connections, one. */
static void test_bounded_waits_leave_connections_to_others(void **state)
{
	_cleanup_scene_ struct scene scene;
	_cleanup_close_ int waiting = -1;
	_cleanup_free_ char *refused = NULL;

	(void)state;
	scene_open(&scene, &(struct http_server_options){.connections = 4});
	waiting = dial(&scene);
	say(waiting, GET("/wait/bounded"));
	while (atomic_load(&scene.turns) == 0)
		usleep(1000);
	refused = ask(&scene, GET("/wait/bounded"));
	assert_non_null(strstr(refused, "HTTP/1.1 503 "));
}

static void test_close_answers_who_waits(void **state)
{
	_cleanup_scene_ struct scene scene;
	_cleanup_free_ char *heard = NULL;
	_cleanup_close_ int waiting = -1, idle = -1;

	(void)state;
	scene_open(&scene, &(struct http_server_options){});
	idle = dial(&scene);
	waiting = dial(&scene);
	say(waiting, GET("/wait/long"));
	while (atomic_load(&scene.turns) == 0)
		usleep(1000);
	scene_close(&scene);
	heard = listen_all(waiting);
	assert_non_null(strstr(heard, "HTTP/1.1 503 "));
}

/* One byte a while keeps a connection from being idle, but not from being late. */
static void test_slow_clients_are_cut_off(void **state)
{
	_cleanup_scene_ struct scene scene;
	_cleanup_close_ int descriptor = -1;
	uint64_t start = clock_monotonic();
	const char *letter;

	(void)state;
	scene_open(&scene, &(struct http_server_options){.stage_seconds = 1, .idle_seconds = 30});
	descriptor = dial(&scene);
	say(descriptor, "GET /");
	for (letter = "slow"; clock_monotonic() - start < 10 * NSEC_PER_SEC; usleep(100000))
		if (send(descriptor, letter, 1, MSG_NOSIGNAL) < 0)
			break;
	assert_true(clock_monotonic() - start < 5 * NSEC_PER_SEC);
}

static void test_bounds_connections_of_an_address(void **state)
{
	_cleanup_scene_ struct scene scene;
	int descriptors[10], answered = 0;

	(void)state;
	scene_open(&scene, &(struct http_server_options){.connections_per_address = 4});
	for (int i = 0; i < 10; i++)
		descriptors[i] = dial(&scene);
	usleep(100000);
	for (int i = 0; i < 10; i++)
		(void)send(descriptors[i], GET("/"), strlen(GET("/")), MSG_NOSIGNAL);
	for (int i = 0; i < 10; i++) {
		_cleanup_free_ char *heard = listen_all(descriptors[i]);

		answered += strstr(heard, "HTTP/1.1 200 ") != NULL;
		close(descriptors[i]);
	}
	assert_int_equal(answered, 4);
}

/* Far more connections than there may be hang about with half a request; neither who comes now nor who waits for an
 * answer notices. */
static void test_who_dawdles_makes_room(void **state)
{
	_cleanup_scene_ struct scene scene;
	_cleanup_close_ int waiting = -1;
	_cleanup_free_ char *heard = NULL, *heard_waiting = NULL;
	int dawdlers[100];

	(void)state;
	scene_open(&scene, &(struct http_server_options){.connections = 32, .threads = 1});
	waiting = dial(&scene);
	say(waiting, GET("/wait/long"));
	while (atomic_load(&scene.turns) == 0)
		usleep(1000);
	for (int i = 0; i < 100; i++) {
		dawdlers[i] = dial(&scene);
		(void)send(dawdlers[i], "GET /", 5, MSG_NOSIGNAL);
	}
	heard = ask(&scene, GET("/"));
	assert_non_null(strstr(heard, "HTTP/1.1 200 "));
	atomic_store(&scene.released, true);
	http_server_wake(scene.server, "key");
	heard_waiting = listen_all(waiting);
	assert_non_null(strstr(heard_waiting, "HTTP/1.1 200 "));
	for (int i = 0; i < 100; i++)
		close(dawdlers[i]);
}

static void test_refuses_a_taken_port(void **state)
{
	_cleanup_scene_ struct scene scene;
	struct http_server_options options = {};
	struct http_server *second = NULL;
	struct refusal why = {};
	char words[128];

	(void)state;
	scene_open(&scene, &options);
	assert_true(address_parse("127.0.0.1", &options.address));
	options.port = http_server_port(scene.server);
	assert_int_equal(http_server_open(&options, &second, &why), REFUSED);
	(void)snprintf(words, sizeof(words),
		       "cannot listen on 127.0.0.1 port %u: Address already in use", options.port);
	assert_string_equal(why.text, words);
	options.certificate_pem = options.key_pem = "nonsense";
	assert_int_equal(http_server_open(&options, &second, &why), REFUSED);
	assert_null(second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sends_constants_as_they_are),
		cmocka_unit_test(test_hands_over_what_was_sent),
		cmocka_unit_test(test_faults_are_bare),
		cmocka_unit_test(test_bounds_bodies),
		cmocka_unit_test(test_cuts_off_endless_bodies),
		cmocka_unit_test(test_bounds_all_bodies_together),
		cmocka_unit_test(test_too_many_headers),
		cmocka_unit_test(test_forgets_refused_requests),
		cmocka_unit_test(test_bodies_have_one_size),
		cmocka_unit_test(test_wait_ends_at_its_deadline),
		cmocka_unit_test(test_wake_ends_a_wait),
		cmocka_unit_test(test_no_wake_is_missed),
		cmocka_unit_test(test_some_waits_are_bounded),
		cmocka_unit_test(test_bounded_waits_leave_connections_to_others),
		cmocka_unit_test(test_close_answers_who_waits),
		cmocka_unit_test(test_slow_clients_are_cut_off),
		cmocka_unit_test(test_bounds_connections_of_an_address),
		cmocka_unit_test(test_who_dawdles_makes_room),
		cmocka_unit_test(test_refuses_a_taken_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
