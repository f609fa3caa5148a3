/* What the agent's lines to the controllers have in common: which controller is spoken to, with which key, and by whose clock.
 *
 * Each line belongs to one thread; what they share lies under one lock.  The hard part is to know what an answer means: no answer, or one
 * that cannot be used, sends the line to the next controller after a pause, and mirroring goes on; only the one answer that says so
 * means that the host was shut out. */
#pragma once

#include "base/cleanup.h"
#include "net/http_client.h"

#include <stdint.h>

struct credentials;
struct link;
struct refusal;

struct link_options {
	const struct credentials *credentials; /* Keys, region, URLs and CA bundle; copied. */
	const char *controllers;               /* URLs with commas; NULL: the credentials'. */
	const char *host;                      /* This host's name; copied. */
	const char *state;                     /* Directory for a newer key; copied. */
	const char *origin;   /* The id of the key that the host was given; copied. */
	uint64_t key_seconds; /* No key of the host's own gets older; 0: as it likes. */
};

/* Refuses credentials without key or controller. */
int link_new(const struct link_options *options, struct link **ret_link, struct refusal *why);
void link_free(struct link *link);
DEFINE_CLEANUP(struct link *, link_free)

/* Ends all pauses, now and from now on. */
void link_stop(struct link *link);

/* One thread's side. */
struct line {
	struct link *link;
	const char *subject; /* For the log: "plans" or "reports". */
	const char *verb;    /* In paths: "plan" or "report". */
	struct http_client *client;
	unsigned int failures; /* In a row. */
	size_t used;           /* The controller of the last call. */
	bool revoked;          /* The last answer said that the host was shut out. */
};

int line_open(struct line *line, struct link *link, const char *subject, const char *verb);
void line_close(struct line *line);

/* Calls the current controller; URL, signature and the headers of all calls are filled in.  'header' is one more, or NULL.  Returns as
 * http_client_call() does, and REFUSED for an answer of a controller that is too old. */
int line_call(struct line *line, struct http_call *call, const char *header,
	      struct http_answer *ret_answer, struct refusal *why);

/* What the caller made of the answer: says once that the line is down, and pauses; or once that it is up again. */
void line_succeed(struct line *line);
void line_fail(struct line *line, int r, const struct http_answer *answer,
	       const struct refusal *why);

/* After an answer that could be used: gets the host another key if it is time. */
void line_renew_key(struct line *line, const struct http_answer *answer);
