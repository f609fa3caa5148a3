// SPDX-License-Identifier: Apache-2.0
/* A file of credentials is refused by its line, or read whole; what we write of it ourselves reads the same again. */
#include "sigv4/credentials.h"

#include "base/cleanup.h"
#include "base/refusal.h"
#include "fuzz.h"

#include <string.h>

static void parts_check(const struct credentials *credentials)
{
	const struct {
		const char *text;
		size_t size;
	} parts[] = {
		{credentials->access_key_id, sizeof(credentials->access_key_id)},
		{credentials->secret_access_key, sizeof(credentials->secret_access_key)},
		{credentials->session_token, sizeof(credentials->session_token)},
		{credentials->region, sizeof(credentials->region)},
		{credentials->endpoint, sizeof(credentials->endpoint)},
		{credentials->ca_bundle, sizeof(credentials->ca_bundle)},
	};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		require(memchr(parts[i].text, '\0', parts[i].size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = strndup((const char *)data, size);
	_cleanup_free_ char *written = NULL, *rewritten = NULL;
	struct credentials credentials, again;
	struct refusal why = {};
	int r;

	require(text);
	r = credentials_parse(text, &credentials, &why);
	require(r == 0 || (r == REFUSED && strncmp(why.text, "line ", 5) == 0));
	if (r != 0)
		return 0;
	parts_check(&credentials);
	require(credentials_format(&credentials, &written) == 0);
	require(credentials_parse(written, &again, &why) == 0);
	require(credentials_format(&again, &rewritten) == 0);
	require(strcmp(written, rewritten) == 0);
	return 0;
}
