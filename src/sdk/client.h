/* A client: credentials and a way to send, and when to try again.
 *
 * What touches the world (network, sleep) is behind 'struct transport', so that failures can be rehearsed in memory. */
#pragma once

#include "base/cleanup.h"
#include "net/http_client.h"
#include "sdk/tmirror.h"

#include <stddef.h>

struct refusal;

struct transport {
	void *context;
	/* Sends a body, signed for the service, and waits for the answer; returns as http_client_call() does. */
	int (*send)(void *context, const char *service, const struct text *body,
		    unsigned int timeout_milliseconds, struct http_answer *ret_answer,
		    struct refusal *why);
	void (*pause)(void *context, unsigned int milliseconds);
	void (*abort)(void *context);
	void (*free)(void *context);
};

#define CALL_TIMEOUT_DEFAULT  30000 /* Milliseconds. */
#define CALL_ATTEMPTS_DEFAULT 5
#define CALL_PAUSE_FIRST      100  /* Milliseconds; doubles with each attempt. */
#define CALL_PAUSE_MAX        5000 /* Milliseconds. */

/* Takes over what 'transport' has to free, even on failure. */
int client_new_with_transport(const struct transport *transport, unsigned int timeout_milliseconds,
			      unsigned int attempts, struct tmirror_client **ret_client);

/* Ends early when the client is aborted. */
void client_pause(struct tmirror_client *client, unsigned int milliseconds);

DEFINE_CLEANUP(struct tmirror_client *, tmirror_client_free)

/* Fills 'ret_error' (which may be NULL) and returns 'result'. */
int error_set(struct tmirror_error *ret_error, int result, const char *code, const char *format,
	      ...) _printf_(4, 5);
