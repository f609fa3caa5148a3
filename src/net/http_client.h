/* HTTP from the client's side: one request at a time over a connection that is kept, signed with SigV4 where the server
 * asks for it.
 *
 * A client belongs to one thread; only http_client_abort() may be called from another, so that a long poll ends at
 * once when the program does. */
#pragma once

#include "base/cleanup.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

struct http_client;
struct refusal;

struct http_client_options {
	const char *ca_file;               /* PEM bundle to trust; NULL: the system's. */
	const char *user_agent;            /* NULL: none is sent. */
	unsigned int connect_milliseconds; /* To name, connect and greet; 0: 10 seconds. */
	unsigned int
		silence_milliseconds; /* After which a peer that acknowledges nothing is gone; 0: as the kernel has it. */
};

/* What SigV4 signs with.  All borrowed for the time of the call. */
struct http_signer {
	const char *access_key, *secret_key;
	const char *session_token; /* NULL unless the credentials are temporary. */
	const char *region, *service;
};

struct http_call {
	const char *method; /* "GET" or "POST". */
	const char *url;    /* Without query: libcurl 7.88 does not sort one before signing it. */
	const char *const
		*headers; /* Lines "Name: value", each of them signed; NULL-terminated, or NULL. */
	const void *body;
	size_t body_size;
	const struct http_signer *signer;  /* NULL leaves the request unsigned. */
	unsigned int timeout_milliseconds; /* From start to end; 0: 30 seconds. */
	size_t answer_size_max;            /* Bytes of body; 0: 1 MiB. */
};

struct http_answer {
	int status;
	struct text body;
	char entity_tag
		[128]; /* ETag with its quotation marks; empty if there was none or a longer one. */
	char request_id[128]; /* x-amzn-requestid, likewise. */
	char date[64];        /* The server's clock, as in "Sun, 06 Nov 1994 08:49:37 GMT". */
	char server[64];      /* What it calls itself. */
	char peek[16];        /* x-tmirror-peek, likewise (wire/host.h). */
	char key_age[24];     /* x-tmirror-key-age. */
	char protocol[16];    /* x-tmirror-protocol. */
};

/* Why no answer came; the code in the refusal. */
enum http_failure {
	HTTP_UNREACHABLE = 1, /* Not resolved, not connected, or the connection broke. */
	HTTP_TIMED_OUT,
	HTTP_UNTRUSTED, /* TLS failed: the certificate is not one that 'ca_file' vouches for. */
	HTTP_UNUSABLE, /* The URL or 'ca_file' is not one, or the answer is too large or no HTTP. */
};

int http_client_new(const struct http_client_options *options, struct http_client **ret_client);
void http_client_free(struct http_client *client);
DEFINE_CLEANUP(struct http_client *, http_client_free)

/* Sends one request and waits for its answer.  Returns 0 for an answer of any status, REFUSED with the failure in
 * 'why', -ECANCELED after http_client_abort(), or a fault.  The caller finishes 'ret_answer' in every case. */
int http_client_call(struct http_client *client, const struct http_call *call,
		     struct http_answer *ret_answer, struct refusal *why);

void http_answer_fini(struct http_answer *answer);
#define _cleanup_http_answer_ _cleanup_(http_answer_fini)

/* Ends the call under way, and every later one, with -ECANCELED.  For other threads; not for signal handlers. */
void http_client_abort(struct http_client *client);
