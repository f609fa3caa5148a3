// SPDX-License-Identifier: Apache-2.0
/* From the canonical request to the signature, and the client's side of it. */
#include "base/text.h"
#include "sigv4/hash.h"
#include "sigv4/sigv4.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int describe(const struct sigv4_request *request, const struct credentials *credentials,
		    const char *service, struct sigv4_authorization *authorization);

void sigv4_append_string_to_sign(struct text *text, const char *canonical_request,
				 const struct sigv4_authorization *authorization)
{
	char hash[HASH_TEXT_SIZE];

	hash_text(canonical_request, strlen(canonical_request), hash);
	text_printf(text, SIGV4_ALGORITHM "\n%s\n%s/%s/%s/aws4_request\n%s", authorization->time,
		    authorization->date, authorization->region, authorization->service, hash);
}

void sigv4_signature(const char *string_to_sign, const struct sigv4_authorization *authorization,
		     const char *secret, char ret_signature[SIGV4_SIGNATURE_SIZE])
{
	const char *const scope[] = {authorization->date, authorization->region,
				     authorization->service, "aws4_request", string_to_sign};
	char first[4 + CREDENTIALS_SECRET_SIZE];
	unsigned char key[HASH_SIZE];
	size_t key_size;

	(void)snprintf(first, sizeof(first), "AWS4%s", secret);
	key_size = strlen(first);
	hash_keyed(first, key_size, scope[0], strlen(scope[0]), key);
	for (size_t i = 1; i < sizeof(scope) / sizeof(scope[0]); i++)
		hash_keyed(key, sizeof(key), scope[i], strlen(scope[i]), key);
	hex_encode(key, sizeof(key), ret_signature);
	explicit_bzero(first, sizeof(first));
	explicit_bzero(key, sizeof(key));
}

void sigv4_format_time(int64_t now, char ret_time[SIGV4_TIME_SIZE])
{
	time_t seconds = (time_t)(now / 1000);
	struct tm calendar = {};

	gmtime_r(&seconds, &calendar);
	if (strftime(ret_time, SIGV4_TIME_SIZE, "%Y%m%dT%H%M%SZ", &calendar) == 0)
		ret_time[0] = '\0';
}

int sigv4_sign(const struct sigv4_request *request, const struct credentials *credentials,
	       const char *service, char **ret_value)
{
	_cleanup_text_ struct text canonical = {}, string_to_sign = {}, value = {};
	struct sigv4_authorization authorization = {};
	int r;

	r = describe(request, credentials, service, &authorization);
	if (r < 0)
		return r;
	if (!sigv4_append_canonical_request(&canonical, request, &authorization))
		return -EINVAL;
	if (canonical.failed)
		return -ENOMEM;
	sigv4_append_string_to_sign(&string_to_sign, canonical.data, &authorization);
	if (string_to_sign.failed)
		return -ENOMEM;
	sigv4_signature(string_to_sign.data, &authorization, credentials->secret_access_key,
			authorization.signature);
	text_printf(&value,
		    SIGV4_ALGORITHM " Credential=%s/%s/%s/%s/aws4_request, SignedHeaders=%s, "
				    "Signature=%s",
		    authorization.access_key_id, authorization.date, authorization.region,
		    authorization.service, authorization.signed_headers, authorization.signature);
	*ret_value = text_steal(&value);
	return *ret_value ? 0 : -ENOMEM;
}

static int describe(const struct sigv4_request *request, const struct credentials *credentials,
		    const char *service, struct sigv4_authorization *authorization)
{
	const char *time = sigv4_get_header(request, "x-amz-date");
	size_t length = 0;

	if (!time || !sigv4_get_header(request, "host") ||
	    !string_copy(authorization->time, sizeof(authorization->time), time) ||
	    strlen(time) != SIGV4_TIME_SIZE - 1 ||
	    !string_copy(authorization->region, sizeof(authorization->region),
			 credentials->region) ||
	    !string_copy(authorization->service, sizeof(authorization->service), service))
		return -EINVAL;
	memcpy(authorization->date, time, SIGV4_DATE_SIZE - 1);
	memcpy(authorization->access_key_id, credentials->access_key_id, CREDENTIALS_KEY_SIZE);
	for (size_t i = 0; i < request->header_count; i++) {
		const char *name = request->headers[i].name;

		if (i > 0 && strcmp(request->headers[i - 1].name, name) >= 0)
			return -EINVAL;
		if (length + strlen(name) + 2 > sizeof(authorization->signed_headers))
			return -EINVAL;
		length += (size_t)sprintf(authorization->signed_headers + length, "%s%s",
					  i > 0 ? ";" : "", name);
	}
	return 0;
}
