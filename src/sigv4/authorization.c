// SPDX-License-Identifier: Apache-2.0
/* The server's side: what a request says about its signature, and whether that is true. */
#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"
#include "sigv4/hash.h"
#include "sigv4/sigv4.h"
#include "sigv4/uri.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static int parse_header(const struct sigv4_request *request, const char *value,
			struct sigv4_authorization *authorization, struct refusal *why);
static int parse_query(const struct sigv4_request *request,
		       struct sigv4_authorization *authorization, struct refusal *why);
static bool get_field(const char *fields, const char *name, char *ret_value, size_t size);
static int get_parameter(const char *query, const char *name, char *ret_value, size_t size,
			 struct refusal *why);
static const char *find_parameter(const char *query, const char *name, size_t *ret_length);
static bool query_has(const char *query, const char *name);
static int parse_credential(const char *credential, struct sigv4_authorization *authorization,
			    struct refusal *why);
static int check_form(const struct sigv4_request *request,
		      const struct sigv4_authorization *authorization, struct refusal *why);
static bool lists_header(const char *signed_headers, const char *name);
static int check_time(const struct sigv4_authorization *authorization, int64_t now,
		      struct refusal *why);
static int check_payload(const struct sigv4_request *request, struct refusal *why);

int sigv4_parse(const struct sigv4_request *request, struct sigv4_authorization *ret_authorization,
		struct refusal *why)
{
	const char *value = sigv4_get_header(request, "authorization");
	struct sigv4_authorization authorization = {};
	int r;

	if (value)
		r = parse_header(request, value, &authorization, why);
	else if (query_has(request->query, "X-Amz-Algorithm"))
		r = parse_query(request, &authorization, why);
	else
		r = refuse(why, SIGV4_ABSENT, "The request is not signed");
	if (r != 0)
		return r;
	r = check_form(request, &authorization, why);
	if (r != 0)
		return r;
	*ret_authorization = authorization;
	return 0;
}

int sigv4_get_session_token(const struct sigv4_request *request,
			    const struct sigv4_authorization *authorization, char **ret_token,
			    struct refusal *why)
{
	const char *value = sigv4_get_header(request, "x-amz-security-token");
	_cleanup_text_ struct text token = {};
	size_t length = 0;

	if (authorization->presigned)
		value = find_parameter(request->query, "X-Amz-Security-Token", &length);
	if (!value) {
		*ret_token = NULL;
		return 0;
	}
	if (!authorization->presigned)
		text_append(&token, value);
	else if (!uri_append_decoded(&token, value, length))
		return refuse(why, SIGV4_INCOMPLETE, "X-Amz-Security-Token is malformed");
	*ret_token = text_steal(&token);
	return *ret_token ? 0 : -ENOMEM;
}

int sigv4_verify(const struct sigv4_request *request,
		 const struct sigv4_authorization *authorization, const char *secret, int64_t now,
		 struct refusal *why)
{
	_cleanup_text_ struct text canonical = {}, string_to_sign = {};
	char signature[SIGV4_SIGNATURE_SIZE];
	int r;

	r = check_time(authorization, now, why);
	if (r != 0)
		return r;
	r = check_payload(request, why);
	if (r != 0)
		return r;
	if (!sigv4_append_canonical_request(&canonical, request, authorization))
		return refuse(why, SIGV4_INCOMPLETE,
			      "A header listed in SignedHeaders is missing, or the query is "
			      "malformed");
	if (canonical.failed)
		return -ENOMEM;
	sigv4_append_string_to_sign(&string_to_sign, canonical.data, authorization);
	if (string_to_sign.failed)
		return -ENOMEM;
	sigv4_signature(string_to_sign.data, authorization, secret, signature);
	if (strlen(authorization->signature) != SIGV4_SIGNATURE_SIZE - 1 ||
	    gnutls_memcmp(signature, authorization->signature, SIGV4_SIGNATURE_SIZE - 1) != 0)
		return refuse(why, SIGV4_MISMATCH,
			      "The request signature we calculated does not match the signature "
			      "you provided. Check your AWS Secret Access Key and signing method. "
			      "Consult the service documentation for details.");
	return 0;
}

/* AWS4-HMAC-SHA256 Credential=KEY/SCOPE, SignedHeaders=a;b, Signature=HEX */
static int parse_header(const struct sigv4_request *request, const char *value,
			struct sigv4_authorization *authorization, struct refusal *why)
{
	const char *time = sigv4_get_header(request, "x-amz-date");
	char credential[512];

	if (strncmp(value, SIGV4_ALGORITHM, strlen(SIGV4_ALGORITHM)) != 0 ||
	    value[strlen(SIGV4_ALGORITHM)] != ' ')
		return refuse(why, SIGV4_INCOMPLETE,
			      "Authorization header requires the algorithm '" SIGV4_ALGORITHM "'");
	value += strlen(SIGV4_ALGORITHM);
	if (!get_field(value, "Credential", credential, sizeof(credential)))
		return refuse(why, SIGV4_INCOMPLETE,
			      "Authorization header requires 'Credential' parameter");
	if (!get_field(value, "SignedHeaders", authorization->signed_headers,
		       sizeof(authorization->signed_headers)))
		return refuse(why, SIGV4_INCOMPLETE,
			      "Authorization header requires 'SignedHeaders' parameter");
	if (!get_field(value, "Signature", authorization->signature,
		       sizeof(authorization->signature)))
		return refuse(why, SIGV4_INCOMPLETE,
			      "Authorization header requires 'Signature' parameter");
	if (!time || !string_copy(authorization->time, sizeof(authorization->time), time))
		return refuse(why, SIGV4_INCOMPLETE,
			      "Authorization header requires existence of a valid 'X-Amz-Date' "
			      "header");
	return parse_credential(credential, authorization, why);
}

static int parse_query(const struct sigv4_request *request,
		       struct sigv4_authorization *authorization, struct refusal *why)
{
	char algorithm[32], credential[512], expires[16];
	unsigned long long seconds;
	const struct {
		const char *name;
		char *value;
		size_t size;
	} parameters[] = {
		{"X-Amz-Algorithm", algorithm, sizeof(algorithm)},
		{"X-Amz-Credential", credential, sizeof(credential)},
		{"X-Amz-Date", authorization->time, sizeof(authorization->time)},
		{"X-Amz-SignedHeaders", authorization->signed_headers,
		 sizeof(authorization->signed_headers)},
		{"X-Amz-Signature", authorization->signature, sizeof(authorization->signature)},
	};

	for (size_t i = 0; i < ARRAY_SIZE(parameters); i++) {
		int r = get_parameter(request->query, parameters[i].name, parameters[i].value,
				      parameters[i].size, why);

		if (r != 0)
			return r;
	}
	if (strcmp(algorithm, SIGV4_ALGORITHM) != 0)
		return refuse(why, SIGV4_INCOMPLETE, "The algorithm '%s' is not supported",
			      algorithm);
	authorization->presigned = true;
	authorization->expires = SIGV4_WINDOW_SECONDS;
	if (query_has(request->query, "X-Amz-Expires")) {
		int r = get_parameter(request->query, "X-Amz-Expires", expires, sizeof(expires),
				      why);

		if (r != 0)
			return r;
		if (!string_to_unsigned(expires, SIGV4_EXPIRES_MAX, &seconds))
			return refuse(why, SIGV4_INCOMPLETE, "X-Amz-Expires '%s' is not valid",
				      expires);
		authorization->expires = (uint32_t)seconds;
	}
	return parse_credential(credential, authorization, why);
}

/* Fields are parted by commas; blanks around them mean nothing.  False when absent, empty or too long. */
static bool get_field(const char *fields, const char *name, char *ret_value, size_t size)
{
	static const char blanks[] = " \t";
	size_t name_length = strlen(name);

	while (*fields != '\0') {
		size_t length;

		fields += strspn(fields, " \t,");
		length = strcspn(fields, ",");
		if (length > name_length && strncmp(fields, name, name_length) == 0 &&
		    fields[name_length] == '=') {
			fields += name_length + 1;
			length -= name_length + 1;
			while (length > 0 && strchr(blanks, fields[length - 1]))
				length--;
			if (length == 0 || length >= size)
				return false;
			memcpy(ret_value, fields, length);
			ret_value[length] = '\0';
			return true;
		}
		fields += length;
	}
	return false;
}

/* The raw value of the first parameter of that name, or NULL. */
static const char *find_parameter(const char *query, const char *name, size_t *ret_length)
{
	size_t name_length = strlen(name);

	while (*query != '\0') {
		size_t length = strcspn(query, "&");

		if (length > name_length && strncmp(query, name, name_length) == 0 &&
		    query[name_length] == '=') {
			*ret_length = length - name_length - 1;
			return query + name_length + 1;
		}
		query += length;
		query += *query == '&';
	}
	return NULL;
}

static bool query_has(const char *query, const char *name)
{
	size_t length;

	return find_parameter(query, name, &length) != NULL;
}

static int get_parameter(const char *query, const char *name, char *ret_value, size_t size,
			 struct refusal *why)
{
	_cleanup_text_ struct text value = {};
	const char *raw;
	size_t length;

	raw = find_parameter(query, name, &length);
	if (!raw || length == 0)
		return refuse(why, SIGV4_INCOMPLETE,
			      "AWS query-string parameters must include '%s'", name);
	if (!uri_append_decoded(&value, raw, length))
		return refuse(why, SIGV4_INCOMPLETE, "The parameter '%s' is malformed", name);
	if (value.failed)
		return -ENOMEM;
	if (strlen(value.data) != value.length || !string_copy(ret_value, size, value.data))
		return refuse(why, SIGV4_INCOMPLETE, "The parameter '%s' is malformed", name);
	return 0;
}

/* KEY/DATE/REGION/SERVICE/aws4_request; a key has no slash. */
static int parse_credential(const char *credential, struct sigv4_authorization *authorization,
			    struct refusal *why)
{
	const struct {
		char *value;
		size_t size;
	} parts[] = {
		{authorization->access_key_id, sizeof(authorization->access_key_id)},
		{authorization->date, sizeof(authorization->date)},
		{authorization->region, sizeof(authorization->region)},
		{authorization->service, sizeof(authorization->service)},
	};
	const char *rest = credential;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		size_t length = strcspn(rest, "/");

		if (length == 0 || length >= parts[i].size || rest[length] != '/')
			return refuse(why, SIGV4_INCOMPLETE,
				      "Credential must have exactly 5 slash-delimited elements, "
				      "e.g. keyid/date/region/service/term, got '%s'",
				      credential);
		memcpy(parts[i].value, rest, length);
		parts[i].value[length] = '\0';
		rest += length + 1;
	}
	if (strcmp(rest, "aws4_request") != 0)
		return refuse(why, SIGV4_INCOMPLETE,
			      "Credential should be scoped with a valid terminator: "
			      "'aws4_request', not '%s'",
			      rest);
	return 0;
}

/* Without 'host' a signature could be used against another server, without a date for ever. */
static int check_form(const struct sigv4_request *request,
		      const struct sigv4_authorization *authorization, struct refusal *why)
{
	const char *headers = authorization->signed_headers;

	if (!lists_header(headers, "host") ||
	    (!authorization->presigned && !lists_header(headers, "x-amz-date")))
		return refuse(why, SIGV4_INCOMPLETE,
			      "'host' and 'x-amz-date' must be among the signed headers, got '%s'",
			      headers);
	if (sigv4_get_header(request, "x-amz-content-sha256") && !authorization->presigned &&
	    !lists_header(headers, "x-amz-content-sha256"))
		return refuse(why, SIGV4_INCOMPLETE, "'x-amz-content-sha256' must be signed");
	if (strncmp(authorization->time, authorization->date, SIGV4_DATE_SIZE - 1) != 0)
		return refuse(why, SIGV4_INCOMPLETE,
			      "Date in Credential scope '%s' does not match X-Amz-Date '%s'",
			      authorization->date, authorization->time);
	return 0;
}

static bool lists_header(const char *signed_headers, const char *name)
{
	size_t length = strlen(name);

	while (*signed_headers != '\0') {
		size_t this = strcspn(signed_headers, ";");

		if (this == length && strncmp(signed_headers, name, length) == 0)
			return true;
		signed_headers += this;
		signed_headers += *signed_headers == ';';
	}
	return false;
}

static int check_time(const struct sigv4_authorization *authorization, int64_t now,
		      struct refusal *why)
{
	int64_t age, oldest;
	struct tm calendar = {};
	const char *end;

	end = strptime(authorization->time, "%Y%m%dT%H%M%SZ", &calendar);
	if (!end || *end != '\0' || strlen(authorization->time) != SIGV4_TIME_SIZE - 1)
		return refuse(why, SIGV4_INCOMPLETE,
			      "X-Amz-Date '%s' is not of the form YYYYMMDDTHHMMSSZ",
			      authorization->time);
	age = now / 1000 - timegm(&calendar);
	oldest = authorization->presigned ? authorization->expires : SIGV4_WINDOW_SECONDS;
	if (age > oldest || age < -SIGV4_WINDOW_SECONDS)
		return refuse(why, SIGV4_EXPIRED, "Request has expired.");
	return 0;
}

/* What the header says of the body must be true.  Leaving a body unsigned is for streams, which nothing here is. */
static int check_payload(const struct sigv4_request *request, struct refusal *why)
{
	const char *claimed = sigv4_get_header(request, "x-amz-content-sha256");
	char hash[HASH_TEXT_SIZE];

	if (!claimed)
		return 0;
	if (strcmp(claimed, "UNSIGNED-PAYLOAD") == 0 && request->body_size == 0)
		return 0;
	hash_text(request->body, request->body_size, hash);
	if (strcasecmp(claimed, hash) != 0)
		return refuse(why, SIGV4_MISMATCH,
			      "The provided 'x-amz-content-sha256' header does not match what was "
			      "computed.");
	return 0;
}
