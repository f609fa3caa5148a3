/* One HTTP request while it is served, as the parts of the door hand it on. */
#pragma once

#include "api/action.h"
#include "api/api.h"
#include "api/form.h"
#include "control/credential.h"

#include <pthread.h>

#define API_TYPE_XML  "text/xml;charset=UTF-8"
#define API_TYPE_JSON "application/x-amz-json-1.1"

struct audit;
struct call;
struct changes;
struct policy;
struct sign_ins;
struct tries;

struct api {
	struct api_options options;
	struct throttle *throttle;
	struct tally *tally;
	struct metrics *metrics;
	struct answers *answers; /* Under the lock. */
	struct audit *audit;
	struct changes *changes; /* Under the lock. */
	struct sign_ins *sign_ins;
	struct tries *tries;  /* Of codes of enrolments, wrong ones; under the lock. */
	pthread_mutex_t lock; /* Around calls of the control plane. */
};

/* Takes the door's lock, and looks at the store as it is now (control_enter()).  Returns 0 or a fault, with which the control
 * plane must not be called; the door is to be left either way. */
int api_enter(struct api *api);
void api_leave(struct api *api);

struct visit {
	struct api *api;
	const struct http_request *request;
	struct http_reply *reply;
	char request_id[UUID_TEXT_SIZE];
	const struct service *service; /* NULL until known; EC2's manners are kept meanwhile. */
	struct access_key key;         /* Whose request it is, once that is proven. */
	struct policy *session_policy; /* What narrows a temporary key; NULL: nothing. */
	char action[64];               /* For the log. */
	bool json;                     /* Answers are. */
	bool waits;                    /* To be asked again. */
	/* For the record (api/record.h): */
	struct claim {
		char key[ACCESS_KEY_ID_SIZE];
		struct account_id account;
	} claimed;                /* Whose key a request names; a wrong signature leaves no more. */
	const struct action *row; /* Once it is known what is asked for. */
	struct form form;
	struct arguments arguments; /* Once the call has run. */
};

/* Something of an account, NULL: of any, has changed: who waits for that is asked again.  Under the door's lock. */
void api_note_change(struct api *api, const char *account, unsigned int kinds);

/* query.c: the Query API.  Returns 0, REFUSED or a fault. */
int visit_query(struct visit *visit, struct refusal *why);

/* authorize.c: whether the caller may do what the call says; under the door's lock, with what the action does.  Refuses with
 * REFUSE_NOT_PERMITTED, and with REFUSE_CREDENTIALS_INVALID a caller who was deleted meanwhile. */
int visit_authorize(struct visit *visit, const struct call *call, struct refusal *why);

/* host.c: plans and reports; likewise. */
int visit_host(struct visit *visit, struct refusal *why);
bool host_serves(const char *path);

/* authenticate.c: proves the signature and fills the visit's key.  'expected' is the service that the signature must be
 * for; NULL: any of the Query API, which then becomes the visit's. */
int visit_authenticate(struct visit *visit, const char *expected, struct refusal *why);

/* Whether the request names a host's key; unproven, so only good for deciding how much to read. */
bool visit_claims_host(struct api *api, const struct http_request *request);
