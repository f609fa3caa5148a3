// SPDX-License-Identifier: Apache-2.0
/* Who asks.  What can be wrong with a signature is told in the words of each service, and never whether it was the key
 * or the secret. */
#include "access/policy.h"
#include "api/visit.h"
#include "base/clock.h"
#include "control/host_key.h"
#include "control/temporary.h"
#include "sigv4/sigv4.h"
#include "wire/host.h"

#include <string.h>

#define SIGNED_HEADERS_MAX 100

static void borrow_request(const struct http_request *request,
			   struct sigv4_header headers[SIGNED_HEADERS_MAX],
			   struct sigv4_request *ret_request);
static int check_scope(struct visit *visit, const struct sigv4_authorization *authorization,
		       const char *expected, struct refusal *why);
static int find_key(struct visit *visit, const struct sigv4_request *request,
		    const struct sigv4_authorization *authorization, const char *expected,
		    struct refusal *why);
static void note_use(struct visit *visit, const struct sigv4_authorization *authorization);
static int translate(int r, const struct visit *visit, struct refusal *why);
static int refuse_credentials(const struct visit *visit, struct refusal *why, int code);

int visit_authenticate(struct visit *visit, const char *expected, struct refusal *why)
{
	struct sigv4_header headers[SIGNED_HEADERS_MAX];
	struct sigv4_authorization authorization;
	struct sigv4_request request;
	struct refusal detail = {};
	struct access_key key;
	int r;

	borrow_request(visit->request, headers, &request);
	r = sigv4_parse(&request, &authorization, &detail);
	if (r != 0) {
		*why = detail;
		return translate(r, visit, why);
	}
	r = check_scope(visit, &authorization, expected, why);
	if (r != 0)
		return r;
	r = find_key(visit, &request, &authorization, expected, why);
	if (r != 0)
		return r;
	visit->claimed.account = visit->key.caller.account;
	(void)string_copy(visit->claimed.key, sizeof(visit->claimed.key), visit->key.id);
	key = visit->key;
	visit->key = (struct access_key){};
	r = sigv4_verify(&request, &authorization, key.secret, clock_realtime(), &detail);
	if (r != 0) {
		explicit_bzero(&key, sizeof(key));
		*why = detail;
		return translate(r, visit, why);
	}
	if (key.revoked) {
		explicit_bzero(&key, sizeof(key));
		return refuse(why, REFUSE_HOST_REVOKED,
			      "The access key %s was taken back from the host: it is to mirror "
			      "nothing",
			      authorization.access_key_id);
	}
	visit->key = key;
	explicit_bzero(&key, sizeof(key));
	note_use(visit, &authorization);
	return 0;
}

bool visit_claims_host(struct api *api, const struct http_request *request)
{
	struct sigv4_header headers[SIGNED_HEADERS_MAX];
	struct sigv4_authorization authorization;
	struct sigv4_request borrowed;
	struct access_key key = {};
	struct refusal why = {};
	bool host;
	int r;

	borrow_request(request, headers, &borrowed);
	if (sigv4_parse(&borrowed, &authorization, &why) != 0)
		return false;
	r = api_enter(api);
	if (r == 0)
		r = control_find_access_key(api->options.control, authorization.access_key_id, &key,
					    &why);
	api_leave(api);
	host = r == 0 && key.caller.kind == CALLER_HOST;
	explicit_bzero(&key, sizeof(key));
	return host;
}

static void borrow_request(const struct http_request *request,
			   struct sigv4_header headers[SIGNED_HEADERS_MAX],
			   struct sigv4_request *ret_request)
{
	size_t count = MIN(request->header_count, (size_t)SIGNED_HEADERS_MAX);

	for (size_t i = 0; i < count; i++)
		headers[i] =
			(struct sigv4_header){request->headers[i].name, request->headers[i].value};
	*ret_request = (struct sigv4_request){
		.method = request->method,
		.path = request->path,
		.query = request->query,
		.headers = headers,
		.header_count = count,
		.body = request->body,
		.body_size = request->body_size,
	};
}

static int check_scope(struct visit *visit, const struct sigv4_authorization *authorization,
		       const char *expected, struct refusal *why)
{
	const char *region = control_get_region(visit->api->options.control);
	bool regional = true;

	if (expected) {
		if (strcmp(authorization->service, expected) != 0)
			return refuse(why, REFUSE_SIGNATURE_MISMATCH,
				      "Credential should be scoped to correct service: '%s'.",
				      expected);
	} else {
		visit->service = service_find(authorization->service);
		if (!visit->service)
			return refuse(why, REFUSE_SIGNATURE_MISMATCH,
				      "Credential should be scoped to correct service: 'ec2', not "
				      "'%s'.",
				      authorization->service);
		regional = visit->service->regional;
	}
	if (regional && strcmp(authorization->region, region) != 0)
		return refuse(why, REFUSE_SIGNATURE_MISMATCH,
			      "Credential should be scoped to a valid region: '%s', not '%s'.",
			      region, authorization->region);
	return 0;
}

/* A key for good is in the store; all of a temporary one is in the token that comes with it. */
static int find_key(struct visit *visit, const struct sigv4_request *request,
		    const struct sigv4_authorization *authorization, const char *expected,
		    struct refusal *why)
{
	struct control *control = visit->api->options.control;
	const char *id = authorization->access_key_id;
	_cleanup_free_ char *token = NULL, *policy = NULL;
	int r;

	r = sigv4_get_session_token(request, authorization, &token, why);
	if (r != 0)
		return translate(r, visit, why);
	r = api_enter(visit->api);
	if (r == 0 && token)
		r = control_find_temporary_key(control, id, token, &visit->key, &policy, why);
	else if (r == 0)
		r = control_find_access_key(control, id, &visit->key, why);
	if (r == REFUSED && !token && expected && strcmp(expected, HOST_SERVICE) == 0)
		r = control_find_revoked_key(control, id, &visit->key, why);
	api_leave(visit->api);
	if (r == REFUSED)
		return refuse_credentials(visit, why, why->code);
	if (r == 0 && policy)
		r = policy_parse(policy, strlen(policy), POLICY_OF_IDENTITY, &visit->session_policy,
				 why);
	return r;
}

static void note_use(struct visit *visit, const struct sigv4_authorization *authorization)
{
	if (api_enter(visit->api) == 0)
		control_note_key_use(visit->api->options.control, &visit->key,
				     authorization->service, authorization->region);
	api_leave(visit->api);
}

/* Gives what sigv4 found the codes of the domain, and EC2's words where those are fixed. */
static int translate(int r, const struct visit *visit, struct refusal *why)
{
	bool wordy = visit->service && visit->service->wraps_result;

	if (r != REFUSED)
		return r;
	switch ((enum sigv4_fault)why->code) {
	case SIGV4_ABSENT:
		if (wordy)
			return refuse(why, REFUSE_CREDENTIALS_MISSING,
				      "Request is missing Authentication Token");
		return refuse(why, REFUSE_CREDENTIALS_MISSING,
			      "The request must contain the parameter AWSAccessKeyId");
	case SIGV4_INCOMPLETE:
		why->code = REFUSE_SIGNATURE_INCOMPLETE;
		return REFUSED;
	case SIGV4_EXPIRED:
		if (wordy)
			return refuse(why, REFUSE_REQUEST_EXPIRED,
				      "Signature expired: the request's time is more than 15 "
				      "minutes from the server's");
		return refuse(why, REFUSE_REQUEST_EXPIRED, "Request has expired.");
	case SIGV4_MISMATCH:
		if (!wordy)
			return refuse_credentials(visit, why, REFUSE_SIGNATURE_MISMATCH);
		why->code = REFUSE_SIGNATURE_MISMATCH;
		return REFUSED;
	}
	return refuse(why, REFUSE_INTERNAL, "An internal error has occurred");
}

static int refuse_credentials(const struct visit *visit, struct refusal *why, int code)
{
	const bool wordy = visit->service && visit->service->wraps_result;

	if (code == REFUSE_TOKEN_EXPIRED && !wordy)
		return refuse(why, code, "Request has expired.");
	if (code == REFUSE_CREDENTIALS_INVALID && wordy)
		return refuse(why, code, "The security token included in the request is invalid.");
	if (code == REFUSE_CREDENTIALS_INVALID || code == REFUSE_SIGNATURE_MISMATCH)
		return refuse(why, code,
			      "AWS was not able to validate the provided access credentials");
	return REFUSED;
}
