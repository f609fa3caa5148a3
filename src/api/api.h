/* The doors: EC2's and STS's Query API for people and their tools, plans and reports for hosts.
 *
 * A request is decoded, authenticated by its signature, bound to the parameters of its action, run against the control
 * plane and answered in the XML of its service.  Everything the control plane does happens under this door's one
 * lock; everything that can be done outside of it (decoding, signatures, hashing) is. */
#pragma once

#include "base/cleanup.h"
#include "base/random.h"
#include "control/control.h"
#include "net/http_server.h"

struct api;
struct throttle_rate;

#define API_BODY_SIZE_MAX ((size_t)1 << 20)

/* What happened to one request, for whoever keeps the log. */
struct api_event {
	const char *request_id;
	const struct address *peer;
	const char *principal; /* ARN; "" if nobody was recognized. */
	const char *action;    /* "" if none was. */
	unsigned int status;
	const char *error;   /* EC2's name; "" if none. */
	const char *message; /* As the caller reads it; "" if none. */
	bool throttled;      /* It came too fast. */
	uint64_t refused; /* If it was too much: how many of its kind were so far (api/tally.h). */
	int fault;        /* Negative errno behind a 500; else 0. */
	const char *
		record; /* As CloudTrail writes it, one line; NULL: of nobody that is known, or of no change
			     * while not all are told. */
	int unrecorded; /* Negative errno why there is no record, or none in the store; else 0. */
};

struct api_options {
	struct control *control; /* Borrowed; only called under the door's lock. */
	bool encrypted;          /* Requests come by TLS. */
	const char *
		authority; /* Who vouches for that, in PEM; NULL: whom everybody knows; borrowed. */
	const struct throttle_rate *rates; /* What goes before AWS's rates of requests; copied. */
	size_t rate_count;
	bool tell_all; /* Also the records of what only reads, which cost a request a tenth. */
	void *context;
	/* Makes requests run again that wait for this key; any thread, may be NULL: then they wait for their time. */
	void (*wake)(void *context, const char *key);
	void (*observe)(void *context,
			const struct api_event *event); /* Any thread; may be NULL. */
};

int api_new(const struct api_options *options, struct api **ret_api);
void api_free(struct api *api);
DEFINE_CLEANUP(struct api *, api_free)

/* Looks at the store, lest what others have done to it waits for the next request. */
int api_look(struct api *api);

/* What control_options.others_wrote has to do. */
void api_note_others(struct api *api);

/* control_expire_sessions(), between requests. */
struct ended_sessions;
int api_expire_sessions(struct api *api, struct ended_sessions *ret_ended, struct refusal *why);
/* The same of control_expire_members(). */
int api_expire_members(struct api *api, size_t *ret_count, struct refusal *why);
/* Of control_settle_selectors(). */
int api_settle_selectors(struct api *api, bool *ret_more, struct refusal *why);
/* Of control_expire_peeks(). */
int api_expire_peeks(struct api *api);
/* And of control_condense_usage(). */
int api_condense_usage(struct api *api, size_t *ret_count, struct refusal *why);
/* And of control_fold_history(). */
int api_fold_history(struct api *api, bool *ret_more, struct refusal *why);

/* Keeps what a selector has done among the events; for control_options.selected, which is called under the door's lock.  Returns 0,
 * or why the event is not in the store; the record is there in either case unless there was no memory. */
struct selector_act;
int api_keep_act(struct api *api, const struct selector_act *act, char **ret_record);

/* Writes events that wait for it to the store; to be called every second. */
int api_keep_events(struct api *api);

/* What the HTTP server calls.  A host's long poll waits for its name as the key, so http_server_wake() with the host's
 * name is what control_options.changed has to do. */
struct http_handler api_get_handler(struct api *api);

/* Writes the page of the door for Prometheus (api/metrics.h); 'api' is a struct api.  Any thread.  Returns 0 or a fault. */
int api_write_metrics(void *api, struct text *ret_body);
