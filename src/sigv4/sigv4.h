/* AWS Signature Version 4: who sent a request, and that nobody changed it on its way.
 *
 * A signature is made in three stages, each a text that both sides must arrive at alike:
 *
 *	canonical request     method, path, query, the signed headers, hash of the body
 *	string to sign        algorithm, time, scope (date/region/service/aws4_request), hash of the first text
 *	signature             HMAC-SHA-256 chained from the secret through the parts of the scope
 *
 * The stages are public, so that tests can hold each against the published vectors.  A signature comes in the
 * Authorization header or, presigned, in the query.  Everything here is pure: the clock is a parameter, and
 * finding the secret of an access key is the caller's. */
#pragma once

#include "base/text.h"
#include "sigv4/credentials.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct refusal;

#define SIGV4_ALGORITHM       "AWS4-HMAC-SHA256"
#define SIGV4_WINDOW_SECONDS  (15 * 60)
#define SIGV4_EXPIRES_MAX     (7 * 24 * 3600)
#define SIGV4_DATE_SIZE       9  /* "20150830" */
#define SIGV4_TIME_SIZE       17 /* "20150830T123600Z" */
#define SIGV4_SIGNATURE_SIZE  65
#define SIGV4_SERVICE_SIZE    64
#define SIGV4_HEADER_LIST_MAX 2048

struct sigv4_header {
	const char *name, *value;
};

/* A request as it is on the wire: path and query are still percent-encoded.  Everything is borrowed. */
struct sigv4_request {
	const char *method;
	const char *path;
	const char *query; /* Without '?'; "" for none. */
	const struct sigv4_header *headers;
	size_t header_count;
	const void *body;
	size_t body_size;
};

/* Why a request is not taken; the code of the refusal. */
enum sigv4_fault {
	SIGV4_ABSENT = 1, /* It is not signed at all. */
	SIGV4_INCOMPLETE, /* What a signature consists of is missing or malformed. */
	SIGV4_EXPIRED,    /* The time is too far from ours, or the presigned request too old. */
	SIGV4_MISMATCH,   /* Signed with another secret, or changed since. */
};

/* What a request says about its signature. */
struct sigv4_authorization {
	char access_key_id[CREDENTIALS_KEY_SIZE];
	char date[SIGV4_DATE_SIZE]; /* The scope's. */
	char region[CREDENTIALS_REGION_SIZE];
	char service[SIGV4_SERVICE_SIZE];
	char time[SIGV4_TIME_SIZE];
	char signed_headers
		[SIGV4_HEADER_LIST_MAX]; /* As sent: lower case, sorted, joined by ';'. */
	char signature[SIGV4_SIGNATURE_SIZE];
	bool presigned;
	uint32_t expires; /* Seconds; presigned only. */
};

/* Reads header or query form.  Returns 0, or REFUSED with SIGV4_ABSENT or SIGV4_INCOMPLETE. */
int sigv4_parse(const struct sigv4_request *request, struct sigv4_authorization *ret_authorization,
		struct refusal *why);

/* The token that comes with a temporary key, the caller's to free; NULL if there is none.  Returns 0, REFUSED with
 * SIGV4_INCOMPLETE, or -ENOMEM. */
int sigv4_get_session_token(const struct sigv4_request *request,
			    const struct sigv4_authorization *authorization, char **ret_token,
			    struct refusal *why);

/* Checks time and signature; 'now' is in milliseconds since the epoch.  Returns 0, or REFUSED with
 * SIGV4_EXPIRED, SIGV4_MISMATCH or SIGV4_INCOMPLETE, or -ENOMEM. */
int sigv4_verify(const struct sigv4_request *request,
		 const struct sigv4_authorization *authorization, const char *secret, int64_t now,
		 struct refusal *why);

/* The stages.  The first returns false only when a signed header is missing from the request. */
bool sigv4_append_canonical_request(struct text *text, const struct sigv4_request *request,
				    const struct sigv4_authorization *authorization);
void sigv4_append_string_to_sign(struct text *text, const char *canonical_request,
				 const struct sigv4_authorization *authorization);
void sigv4_signature(const char *string_to_sign, const struct sigv4_authorization *authorization,
		     const char *secret, char ret_signature[SIGV4_SIGNATURE_SIZE]);

/* Writes the value of X-Amz-Date. */
void sigv4_format_time(int64_t now, char ret_time[SIGV4_TIME_SIZE]);

/* Signs all of the request's headers, which must be lower case, sorted, and have host and x-amz-date among them.
 * 'ret_value' is what goes into the Authorization header, and the caller's to free.  Returns 0, -EINVAL when a
 * header breaks these rules, or -ENOMEM. */
int sigv4_sign(const struct sigv4_request *request, const struct credentials *credentials,
	       const char *service, char **ret_value);

/* The value of a header, whatever its case, or NULL. */
const char *sigv4_get_header(const struct sigv4_request *request, const char *name);
