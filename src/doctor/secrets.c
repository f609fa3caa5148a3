// SPDX-License-Identifier: Apache-2.0
#include "doctor/secrets.h"

#include "base/array.h"
#include "base/count.h"
#include "base/file.h"
#include "base/url.h"
#include "doctor/doctor.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FILE_SIZE_MAX ((size_t)64 << 10)
#define SECRET_MIN    8 /* Shorter words would take half of the text with them. */
#define REDACTED      "***"
#define BLANKS        " \t\r\n\"',;"

static int gather_file(const char *directory, const char *name, struct secrets *secrets);
static int gather_credentials(const char *path, struct secrets *secrets);
static int add(struct secrets *secrets, const char *secret);
static size_t secret_length(const struct secrets *secrets, const char *text);
static size_t name_length(const char *text);
static size_t pem_length(const char *text);

void secrets_fini(struct secrets *secrets)
{
	for (size_t i = 0; i < secrets->count; i++) {
		explicit_bzero(secrets->items[i], strlen(secrets->items[i]));
		free(secrets->items[i]);
	}
	free(secrets->items);
	*secrets = (struct secrets){};
}

int secrets_gather(const struct doctor *doctor, const char *state, struct secrets *ret_secrets)
{
	static const char *const files[] = {"seal.key", "ca.key", "server.key"};
	static const char *const credentials[] = {"credentials.env", "agent.env"};
	char path[PATH_MAX];
	int r = gather_credentials(doctor->credentials_file, ret_secrets);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(files); i++)
		r = gather_file(state, files[i], ret_secrets);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(credentials); i++)
		if (snprintf(path, sizeof(path), "%s/%s", state, credentials[i]) <
		    (int)sizeof(path))
			r = gather_credentials(path, ret_secrets);
	return r;
}

void secrets_redact(const struct secrets *secrets, const char *text, struct text *ret_clean)
{
	const char *start = text;

	while (*text != '\0') {
		size_t length = secret_length(secrets, text), kept;

		if (length == 0)
			length = pem_length(text);
		if (length == 0)
			length = url_password_length(start, text, BLANKS);
		if (length > 0) {
			text_append(ret_clean, REDACTED);
			text += length;
			continue;
		}
		kept = name_length(text);
		if (kept > 0) {
			text_append_bytes(ret_clean, text, kept);
			text += kept;
			text_append(ret_clean, REDACTED);
			text += strcspn(text, BLANKS);
			continue;
		}
		text_append_char(ret_clean, *text++);
	}
}

/* Every line is a secret, since one may be quoted without the others. */
static int gather_file(const char *directory, const char *name, struct secrets *secrets)
{
	_cleanup_free_ char *text = NULL;
	char path[PATH_MAX], *rest, *line;
	size_t size;
	int r = 0;

	if (snprintf(path, sizeof(path), "%s/%s", directory, name) >= (int)sizeof(path) ||
	    file_read(path, FILE_SIZE_MAX, &text, &size) < 0)
		return 0;
	rest = text;
	while (r == 0 && (line = strsep(&rest, "\r\n")))
		if (strncmp(line, "-----", 5) != 0)
			r = add(secrets, line);
	explicit_bzero(text, size);
	return r;
}

static int gather_credentials(const char *path, struct secrets *secrets)
{
	struct credentials credentials = {};
	int r = 0;

	if (path[0] != '\0' && credentials_read(path, &credentials, NULL) == 0) {
		r = add(secrets, credentials.secret_access_key);
		if (r == 0)
			r = add(secrets, credentials.session_token);
	}
	explicit_bzero(&credentials, sizeof(credentials));
	return r;
}

static int add(struct secrets *secrets, const char *secret)
{
	char *copy;
	int r;

	if (strlen(secret) < SECRET_MIN)
		return 0;
	copy = strdup(secret);
	r = copy ? array_append(secrets, items, count, capacity, copy) : -ENOMEM;
	if (r < 0)
		free(copy);
	return r;
}

/* How long the secret is that begins here; 0: none does. */
static size_t secret_length(const struct secrets *secrets, const char *text)
{
	for (size_t i = 0; i < secrets->count; i++) {
		size_t length = strlen(secrets->items[i]);

		if (strncmp(text, secrets->items[i], length) == 0)
			return length;
	}
	return 0;
}

/* How long a name is that begins here and is followed by a secret, with what stands between them. */
static size_t name_length(const char *text)
{
	static const char *const names[] = {"aws_secret_access_key", "aws_session_token",
					    "secretaccesskey", "sessiontoken", "password"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t length = strlen(names[i]), between;

		if (strncasecmp(text, names[i], length) != 0)
			continue;
		between = strspn(text + length, "\"' \t=:");
		if (between > 0 && strcspn(text + length, "=:") < between)
			return length + between;
	}
	return 0;
}

static size_t pem_length(const char *text)
{
	static const char begin[] = "-----BEGIN ", key[] = "PRIVATE KEY-----", end[] = "-----END ";
	const char *found;

	if (strncmp(text, begin, strlen(begin)) != 0)
		return 0;
	found = strstr(text, key);
	if (!found || memchr(text, '\n', (size_t)(found - text)))
		return 0;
	found = strstr(found, end);
	return found ? (size_t)(found - text) + strcspn(found, "\n") : strlen(text);
}
