// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/door.h"

#include "api/action.h"
#include "api/throttle.h"
#include "base/clock.h"
#include "base/count.h"
#include "sigv4/sigv4.h"

#include <stdio.h>
#include <string.h>

static void keep_record(void *context, const struct api_event *event);
static char *sign(const struct sender *sender, const struct sigv4_request *request,
		  const char *service);

void door_open(struct door *door)
{
	const struct throttle_rate unlimited = {.action = "*"};
	struct access_key key = {};

	*door = (struct door){};
	fixture_open(&door->fixture, NULL);
	door->fixture.now = clock_realtime();
	door_replace(door, &unlimited, 1);
	assert_done(&door->fixture, control_create_access_key(door->fixture.control, CALLER_USER,
							      "admin", &key, &door->fixture.why));
	door->administrator = key.caller;
	(void)string_copy(door->admin.id, sizeof(door->admin.id), key.id);
	(void)string_copy(door->admin.secret, sizeof(door->admin.secret), key.secret);
}

void door_close(struct door *door)
{
	api_free(door->api);
	free(door->record);
	fixture_close(&door->fixture);
}

int door_setup(void **state)
{
	struct door *door = calloc(1, sizeof(*door));

	assert_non_null(door);
	door_open(door);
	*state = door;
	return 0;
}

int door_teardown(void **state)
{
	door_close(*state);
	free(*state);
	return 0;
}

void door_replace(struct door *door, const struct throttle_rate *rates, size_t count)
{
	const struct api_options options = {
		.control = door->fixture.control,
		.rates = rates,
		.rate_count = count,
		.tell_all = true,
		.context = door,
		.observe = keep_record,
	};

	api_freep(&door->api);
	door->api = NULL;
	assert_int_equal(api_new(&options, &door->api), 0);
}

struct answer door_ask(struct door *door, const struct sender *sender, const char *service,
		       const char *fields)
{
	struct http_reply reply = {};

	door_send(door, sender, service, fields, &reply);
	return (struct answer){reply.status, text_steal(&reply.body)};
}

void answer_fini(struct answer *answer)
{
	free(answer->body);
	answer->body = NULL;
}

void door_send(struct door *door, const struct sender *sender, const char *service,
	       const char *fields, struct http_reply *reply)
{
	const struct http_handler handler = api_get_handler(door->api);
	_cleanup_text_ struct text body = {};
	_cleanup_free_ char *authorization = NULL;
	char time[SIGV4_TIME_SIZE];
	const struct sigv4_header signed_headers[] = {
		{"host", "127.0.0.1"},
		{"x-amz-date", time},
		{"x-amz-security-token", sender->token},
	};
	struct sigv4_request request = {
		.method = "POST",
		.path = "/",
		.query = "",
		.headers = signed_headers,
		.header_count = sender->token ? 3 : 2,
	};
	struct http_header headers[4];
	struct http_request received = {.method = "POST", .path = "/", .query = ""};

	text_printf(&body, "Version=%s&%s", service_find(service)->version, fields);
	assert_false(body.failed);
	sigv4_format_time(clock_realtime(), time);
	request.body = received.body = body.data;
	request.body_size = received.body_size = body.length;
	authorization = sign(sender, &request, service);
	for (size_t i = 0; i < request.header_count; i++)
		headers[i] = (struct http_header){signed_headers[i].name, signed_headers[i].value};
	headers[request.header_count] = (struct http_header){"authorization", authorization};
	received.headers = headers;
	received.header_count = request.header_count + 1;
	assert_true(address_parse(sender->address ? sender->address : "127.0.0.1", &received.peer));
	assert_int_equal(handler.handle(handler.context, &received, reply), 0);
	assert_false(reply->body.failed);
}

char *answer_get(const struct answer *answer, const char *element)
{
	char tag[64];
	const char *begin, *end;

	(void)snprintf(tag, sizeof(tag), "<%s>", element);
	begin = strstr(answer->body, tag);
	end = begin ? strstr(begin, "</") : NULL;
	begin = begin ? begin + strlen(tag) : NULL;
	return begin && end ? strndup(begin, (size_t)(end - begin)) : strdup("");
}

void door_expect(struct door *door, const struct sender *sender, const char *service,
		 const char *fields, const char *code)
{
	_cleanup_(answer_fini) struct answer answer = door_ask(door, sender, service, fields);
	_cleanup_free_ char *got = answer_get(&answer, "Code");

	assert_non_null(got);
	if (strcmp(got, code ? code : "") != 0)
		fail_msg("%s: expected %s, got %s", fields, code ? code : "success", answer.body);
}

static void keep_record(void *context, const struct api_event *event)
{
	struct door *door = context;

	free(door->record);
	door->record = event->record ? strdup(event->record) : NULL;
	door->unrecorded = event->unrecorded;
}

static char *sign(const struct sender *sender, const struct sigv4_request *request,
		  const char *service)
{
	struct credentials credentials = {.region = "us-east-1"};
	char *value = NULL;

	(void)string_copy(credentials.access_key_id, sizeof(credentials.access_key_id),
			  sender->key->id);
	(void)string_copy(credentials.secret_access_key, sizeof(credentials.secret_access_key),
			  sender->key->secret);
	assert_int_equal(sigv4_sign(request, &credentials, service, &value), 0);
	return value;
}
