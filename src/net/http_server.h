/* HTTP from the server's side: TLS, threads, bounds and long polls; what is answered is the handler's.
 *
 * The hard idea: a handler that has nothing to say yet returns HTTP_WAIT with a key, and its connection sleeps without
 * a thread.  http_server_wake() of that key, or the deadline, makes the handler run again for the same request.  A wake
 * that falls between the handler's decision and the connection's sleep is noticed: the handler then runs again at once.
 * Of those that say how many may wait by their key, all together keep to a quarter of the connections; who finds no room is
 * asked again at once, for the last time.
 *
 * Strangers reach this code, so everything they can make grow is bounded: connections in all and by address, headers,
 * the body of a request, the bodies of all requests together, and the time that each stage of a request may take.  When
 * connections become scarce, the one that has been longest at one stage makes room. */
#pragma once

#include "base/address.h"
#include "base/cleanup.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http_server;
struct refusal;

struct http_header {
	const char *name, *value;
};

/* As received: path and query are still percent-encoded.  Borrowed for the time of the call. */
struct http_request {
	const char *method, *path, *query; /* 'query' is "" if there is none. */
	const struct http_header *headers;
	size_t header_count;
	const void *body;
	size_t body_size;
	struct address peer;
	uint64_t
		arrived; /* Monotonic nanoseconds when the request was complete; fixed over waits. */
	bool last_turn;  /* Waiting again is not possible: the server stops, or has no room. */
	unsigned int turn; /* How often the handler was asked before. */
};

/* The value of a header, whatever its case, or NULL. */
const char *http_request_get_header(const struct http_request *request, const char *name);

#define HTTP_REPLY_HEADERS_MAX 16
#define HTTP_WAIT_KEY_SIZE     64

/* What the handler fills in; it starts zeroed. */
struct http_reply {
	unsigned int status;
	struct {
		char name[40];
		char value[512];
	} headers[HTTP_REPLY_HEADERS_MAX];
	size_t header_count;
	struct text body;
	const void
		*constant; /* Instead of 'body': bytes that stay as long as the program; or NULL. */
	size_t constant_size;
	char wait_key[HTTP_WAIT_KEY_SIZE]; /* With HTTP_WAIT: what to be woken by… */
	uint64_t wait_until; /* …and at the latest when, in monotonic nanoseconds. */
	size_t wait_room;    /* How many may wait by this key; 0: anyone.  See below. */
};

/* Adds a header; one that does not fit is a mistake of the program, and aborts. */
void http_reply_add_header(struct http_reply *reply, const char *name, const char *value);

enum { HTTP_WAIT = 1 };

/* Called by several threads at once. */
struct http_handler {
	void *context;

	/* The largest body that the request may have; asked when its headers are known ('body' is not). */
	size_t (*body_limit)(void *context, const struct http_request *request);

	/* Answers.  Returns 0, HTTP_WAIT, or a fault, which the client sees as a bare 500. */
	int (*handle)(void *context, const struct http_request *request, struct http_reply *reply);
};

struct http_server_options {
	struct address address;
	uint16_t port;               /* 0: one that is free. */
	const char *certificate_pem; /* Chain; NULL: no TLS. */
	const char *key_pem;
	unsigned int threads;                 /* 0: two. */
	unsigned int connections;             /* In all; 0: 4096. */
	unsigned int connections_per_address; /* 0: 512. */
	size_t bodies_size_max;               /* Of all requests together; 0: 256 MiB. */
	unsigned int stage_seconds; /* To send a whole request, and to read a reply; 0: 120. */
	unsigned int idle_seconds;  /* Without a byte; 0: 60. */
	struct http_handler handler;
};

/* Listens, so that the port is known and clients queue up, but serves nobody yet.  Returns 0, REFUSED (address in use or
 * not ours, certificate unusable) or a fault. */
int http_server_open(const struct http_server_options *options, struct http_server **ret_server,
		     struct refusal *why);

/* Serves from here on. */
int http_server_start(struct http_server *server);

/* Lets waiting requests be answered once more, then closes all connections. */
void http_server_close(struct http_server *server);
DEFINE_CLEANUP(struct http_server *, http_server_close)

/* The port served, which is the wished one unless that was 0. */
uint16_t http_server_port(const struct http_server *server);

/* Makes the handlers that wait for 'key' run again.  For any thread, also from within a handler. */
void http_server_wake(struct http_server *server, const char *key);
