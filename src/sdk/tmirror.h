/* SPDX-License-Identifier: Apache-2.0 */
/* libtmirror: calls the Traffic Mirror API.  This is what lies below tmirror_actions.h, which has a function for every
 * action; it takes names as they stand on the wire, also such as this library does not know.
 *
 *	struct tmirror_error error;
 *	struct tmirror_client *client;
 *	struct tmirror_request *request;
 *	struct tmirror_pages *pages;
 *	const struct tmirror_node *session;
 *
 *	tmirror_client_new(NULL, &client, &error);
 *	tmirror_request_new("DescribeTrafficMirrorSessions", &request);
 *	tmirror_pages_new(client, request, "trafficMirrorSessionSet", &pages);
 *	while (tmirror_pages_next(pages, &session, &error) == 0)
 *		puts(tmirror_node_text(session, "trafficMirrorSessionId"));
 *
 * A request is an action of the EC2 Query API and named parameters ("Filter.1.Name"); a response is a tree of named
 * elements, as they stand on the wire ("trafficMirrorSessionSet/item").  Actions of its sisters have their service before
 * them: "iam:ListUsers", "sts:GetCallerIdentity".
 *
 * Functions return 0, a negative errno (such as -ENOMEM), or one of enum tmirror_result with the reason in the error.
 * A failed call leaves its outputs as they were.
 *
 * A client, and requests and pages with it, belong to one thread at a time; any number of clients may work in as many
 * threads.  Responses do not depend on their client: they may go to other threads, and several may read one. */
#ifndef TMIRROR_H
#define TMIRROR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TMIRROR_EXPORT __attribute__((visibility("default")))

enum tmirror_result {
	TMIRROR_REFUSED = 1, /* The API answered, and not with success. */
	TMIRROR_UNANSWERED,  /* No answer: unreachable, untrusted, too late. */
	TMIRROR_UNUSABLE,    /* The credentials or the answer cannot be made use of. */
	TMIRROR_END,         /* No item is left (tmirror_pages_next). */
	TMIRROR_UNFULFILLED, /* What was waited for did not come, or cannot come any more. */
};

struct tmirror_error {
	int status;         /* HTTP status; 0 when there was no answer. */
	char code[96];      /* As in "InvalidTrafficMirrorFilterId.NotFound". */
	char message[1024]; /* A sentence. */
	char request_id[64];
};

/* Where and as whom to call. */
struct tmirror_options {
	/* A file of lines "export AWS_ACCESS_KEY_ID=…", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
	 * "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL" and "AWS_CA_BUNDLE", and nothing else is asked.  NULL takes the environment's
	 * variables of these names, and AWS_REGION, and for what is missing the user's profile of ~/.aws/credentials and
	 * ~/.aws/config (aws_access_key_id, aws_secret_access_key, aws_session_token, region, endpoint_url, ca_bundle). */
	const char *credentials_file;
	const char *user_agent;            /* NULL: "libtmirror/VERSION". */
	unsigned int timeout_milliseconds; /* For a call with all its retries; 0: 30 seconds. */
	unsigned int attempts;             /* How often a call is tried; 0: 5. */
	/* Whose key goes before the environment's; NULL: AWS_PROFILE, or "default". */
	const char *profile;
};

struct tmirror_client;
struct tmirror_request;
struct tmirror_response;
struct tmirror_pages;
struct tmirror_node;

/* The library's version, as in "1.2.3". */
TMIRROR_EXPORT const char *tmirror_version(void);

/* 'options' may be NULL. */
TMIRROR_EXPORT int tmirror_client_new(const struct tmirror_options *options,
				      struct tmirror_client **ret_client,
				      struct tmirror_error *ret_error);
TMIRROR_EXPORT void tmirror_client_free(struct tmirror_client *client);

/* From any thread: ends the call under way, and every later one, with -ECANCELED. */
TMIRROR_EXPORT void tmirror_client_abort(struct tmirror_client *client);

/* Returns 0, -EINVAL for a service that there is not, or -ENOMEM. */
TMIRROR_EXPORT int tmirror_request_new(const char *action, struct tmirror_request **ret_request);
TMIRROR_EXPORT void tmirror_request_free(struct tmirror_request *request);

/* Sets or replaces a parameter; strings are copied.  Returns 0 or -ENOMEM; having failed once, the request also makes
 * tmirror_call() fail, so callers may look at the result there only. */
TMIRROR_EXPORT int tmirror_request_set(struct tmirror_request *request, const char *name,
				       const char *value);

/* Sets the next free one of "NAME.1", "NAME.2", … */
TMIRROR_EXPORT int tmirror_request_append(struct tmirror_request *request, const char *name,
					  const char *value);

/* Sends a request.  Answers of the 5xx family, throttling and broken connections are retried with growing, random
 * pauses; what creates something carries a ClientToken, so it is created once;
 * IAM knows none, so there a broken connection is not followed by another try. */
TMIRROR_EXPORT int tmirror_call(struct tmirror_client *client,
				const struct tmirror_request *request,
				struct tmirror_response **ret_response,
				struct tmirror_error *ret_error);
TMIRROR_EXPORT void tmirror_response_free(struct tmirror_response *response);

/* The element "…Response"; valid as long as the response. */
TMIRROR_EXPORT const struct tmirror_node *
tmirror_response_root(const struct tmirror_response *response);

TMIRROR_EXPORT const char *tmirror_node_name(const struct tmirror_node *node);

/* The first element at 'path' ("tagSet/item") below the node, or NULL. */
TMIRROR_EXPORT const struct tmirror_node *tmirror_node_find(const struct tmirror_node *node,
							    const char *path);

/* The text of the element at 'path', of the node itself if 'path' is "".  NULL when there is no such element. */
TMIRROR_EXPORT const char *tmirror_node_text(const struct tmirror_node *node, const char *path);

/* Children in their order: the first, and the next sibling.  NULL at the end; 'node' may be NULL. */
TMIRROR_EXPORT const struct tmirror_node *tmirror_node_first(const struct tmirror_node *node);
TMIRROR_EXPORT const struct tmirror_node *tmirror_node_next(const struct tmirror_node *node);

/* Walks through the items of a Describe action over all its pages.  'set' is the element that holds them; 'client'
 * must outlive the pages, 'request' is copied. */
TMIRROR_EXPORT int tmirror_pages_new(struct tmirror_client *client,
				     const struct tmirror_request *request, const char *set,
				     struct tmirror_pages **ret_pages);
TMIRROR_EXPORT void tmirror_pages_free(struct tmirror_pages *pages);

/* Returns 0 with an item, which stays valid until the pages are freed; TMIRROR_END after the last; or what
 * tmirror_call() returned. */
TMIRROR_EXPORT int tmirror_pages_next(struct tmirror_pages *pages,
				      const struct tmirror_node **ret_item,
				      struct tmirror_error *ret_error);

/* What to wait for: that every item of a Describe action has a value, and that there is one.  Without a value it is
 * waited until there is no item, or the API says that it was not found. */
struct tmirror_condition {
	const char *set;     /* The element that holds the items, as of tmirror_pages_new(). */
	const char *path;    /* Below an item; what tmirror_node_text() takes. */
	const char *value;   /* What is to stand there; NULL: nothing is to be there. */
	const char *failure; /* What ends the wait in vain; NULL: nothing does. */
	/* 0: five minutes.  What is asked last may take as long as the client allows a call. */
	unsigned int timeout_milliseconds;
};

/* Asks with growing, random pauses, from a fifth of a second to five seconds.  Returns 0; TMIRROR_UNFULFILLED with code
 * "TimedOut" or "Failed" and what was seen last in the message; or what tmirror_call() returned. */
TMIRROR_EXPORT int tmirror_wait(struct tmirror_client *client,
				const struct tmirror_request *request,
				const struct tmirror_condition *condition,
				struct tmirror_error *ret_error);

/* What is waited for most. */
enum tmirror_milestone {
	TMIRROR_SESSION_ACTIVE,     /* A session copies; by its id. */
	TMIRROR_HOST_CONNECTED,     /* An agent has reported; by the host's name. */
	TMIRROR_TARGETS_IN_SERVICE, /* All members of a target group are healthy; by its ARN. */
	TMIRROR_LOAD_BALANCER_AVAILABLE, /* By its ARN. */
	TMIRROR_LOAD_BALANCER_DELETED,
	TMIRROR_ENDPOINT_AVAILABLE, /* A VPC endpoint was accepted; in vain if it is rejected.  By its id. */
	TMIRROR_ENDPOINT_DELETED,
};

/* Waits for one; returns as tmirror_wait() does, or -EINVAL for a milestone that there is not. */
TMIRROR_EXPORT int tmirror_wait_for(struct tmirror_client *client, enum tmirror_milestone milestone,
				    const char *name, unsigned int timeout_milliseconds,
				    struct tmirror_error *ret_error);

#ifdef __cplusplus
}
#endif

#endif
