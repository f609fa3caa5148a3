// SPDX-License-Identifier: Apache-2.0
#include "doctor/secrets.h"

#include "base/array.h"
#include "base/count.h"
#include "base/file.h"
#include "doctor/doctor.h"
#include "doctor/program.h"
#include "settings/yaml_tree.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FILE_SIZE_MAX ((size_t)64 << 10)
#define SECRET_MIN    8 /* Shorter words would take half of the text with them. */
#define REDACTED      "***"
#define BLANKS        " \t\r\n\"',;"
#define QUOTES        "\"'\\"
#define STATE         "/var/lib/tmirror"
#define URL_PART_MAX  512 /* So that a text without an end takes no time without end. */
#define PEM_LINE_MAX  80
#define KEY_SIZE_MAX  ((size_t)16 << 10)

/* Where the controller of this host keeps secrets. */
struct controller_files {
	char state[PATH_MAX], seal_key[PATH_MAX], certificate_key[PATH_MAX];
};

static void ask_controller(struct controller_files *told);
static int gather_file(const char *path, struct secrets *secrets);
static int gather_credentials(const char *path, struct secrets *secrets);
static int add(struct secrets *secrets, const char *secret);
static size_t secret_length(const struct secrets *secrets, const char *text);
static size_t name_length(const char *text);
static size_t redact_value(const char *text, struct text *ret_clean);
static size_t value_length(const char *text);
static size_t pem_length(const char *text);
static size_t end_length(const char *text);
static size_t password_length(const char *start, const char *text);

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
	struct controller_files told = {.state = STATE};
	char path[PATH_MAX];
	int r = gather_credentials(doctor->credentials_file, ret_secrets);

	ask_controller(&told);
	state = state ? state : told.state;
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(files); i++)
		if (snprintf(path, sizeof(path), "%s/%s", state, files[i]) < (int)sizeof(path))
			r = gather_file(path, ret_secrets);
	if (r == 0)
		r = gather_file(told.seal_key, ret_secrets);
	if (r == 0)
		r = gather_file(told.certificate_key, ret_secrets);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(credentials); i++)
		if (snprintf(path, sizeof(path), "%s/%s", state, credentials[i]) <
		    (int)sizeof(path))
			r = gather_credentials(path, ret_secrets);
	return r;
}

void secrets_redact(const struct secrets *secrets, const char *text, struct text *ret_clean)
{
	const char *start = text;
	size_t length = end_length(text);

	if (length > 0)
		text_append(ret_clean, REDACTED);
	text += length;
	while (*text != '\0') {
		size_t kept;

		length = secret_length(secrets, text);
		if (length == 0)
			length = pem_length(text);
		if (length == 0)
			length = password_length(start, text);
		if (length > 0) {
			text_append(ret_clean, REDACTED);
			text += length;
			continue;
		}
		kept = name_length(text);
		if (kept > 0) {
			text_append_bytes(ret_clean, text, kept);
			text += kept;
			text += redact_value(text, ret_clean);
			continue;
		}
		text_append_char(ret_clean, *text++);
	}
}

/* Returns how long the value is.  Its quotes stay, so that what was JSON is JSON. */
static size_t redact_value(const char *text, struct text *ret_clean)
{
	const bool quoted = *text == '"' || *text == '\'';

	if (quoted)
		text_append_char(ret_clean, *text);
	text_append(ret_clean, REDACTED);
	if (quoted)
		text_append_char(ret_clean, *text);
	return value_length(text);
}

/* A controller without a program or with settings that are refused has its files where they are by default. */
static void ask_controller(struct controller_files *told)
{
	_cleanup_yaml_ struct yaml_tree tree = {};
	_cleanup_free_ char *output = NULL;
	char program[PATH_MAX];
	const char *const arguments[] = {program, "--show-config", NULL};
	static const char *const environment[] = {NULL};
	const struct program_call call = {
		.arguments = arguments, .environment = environment, .maximum = FILE_SIZE_MAX};
	const struct {
		const char *key;
		char *path;
	} wanted[] = {{"state", told->state},
		      {"seal-key", told->seal_key},
		      {"certificate-key", told->certificate_key}};

	if (program_find_daemon("tmirror-controller", sizeof(program), program) < 0 ||
	    program_read(&call, &output) != 0 ||
	    yaml_read(&tree, "settings", output, strlen(output), NULL) != 0 || !tree.first ||
	    tree.first->kind != YAML_MAPPING)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		const struct yaml_node *node = yaml_get(tree.first, wanted[i].key);

		if (node && node->word)
			(void)string_copy(wanted[i].path, PATH_MAX, node->word);
	}
}

/* Every line is a secret, since one may be quoted without the others. */
static int gather_file(const char *path, struct secrets *secrets)
{
	_cleanup_free_ char *text = NULL;
	char *rest, *line;
	size_t size;
	int r = 0;

	if (file_read_plain(path, FILE_SIZE_MAX, &text, &size) < 0)
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

	if (path[0] != '\0' && doctor_read_credentials(path, &credentials, NULL) == 0) {
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
		size_t length;

		if (secrets->items[i][0] != *text)
			continue;
		length = strlen(secrets->items[i]);
		if (strncmp(text, secrets->items[i], length) == 0)
			return length;
	}
	return 0;
}

/* How long a name is that begins here and is followed by a secret, with what stands between them.  A longer name may end with
 * one of these. */
static size_t name_length(const char *text)
{
	static const char *const names[] = {
		"secretaccesskey", "secret_access_key", "secretkey",     "secret_key",
		"secret",          "sessiontoken",      "token",         "password",
		"passwd",          "passphrase",        "authorization", "apikey",
		"api_key",         "sign-in",           "signincode"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t length = strlen(names[i]);

		if (((*text ^ names[i][0]) & ~0x20) != 0 ||
		    strncasecmp(text, names[i], length) != 0)
			continue;
		length += strspn(text + length, QUOTES);
		length += strspn(text + length, " \t");
		if (text[length] != '=' && text[length] != ':')
			continue;
		return length + 1 + strspn(text + length + 1, " \t");
	}
	return 0;
}

/* In quotes it ends with them, where they are as a shell, YAML or JSON sets them, within a text in quotes, too; else with the line. */
static size_t value_length(const char *text)
{
	size_t i = strspn(text, "\\");
	char quote = text[i];
	bool inside = true;

	if (quote != '"' && quote != '\'')
		return strcspn(text, "\r\n");
	if (i > 0) { /* They are quoted themselves. */
		i += 1 + strcspn(text + i + 1, "\"'\\\r\n");
		i += strspn(text + i, "\\");
		return i + (text[i] == quote);
	}
	for (i = 1; text[i] != '\0' && !strchr("\r\n", text[i]); i++) {
		if (text[i] == '\\' && quote == '"' && text[i + 1] != '\0')
			i++;
		else if (inside && text[i] == quote)
			inside = false;
		else if (!inside && (text[i] == '"' || text[i] == '\'')) {
			quote = text[i];
			inside = true;
		} else if (!inside && text[i] == '\\' && text[i + 1] != '\0')
			i++;
		else if (!inside)
			break;
	}
	return i;
}

/* The key that begins here. */
static size_t pem_length(const char *text)
{
	static const char begin[] = "-----BEGIN ", key[] = "PRIVATE KEY-----", end[] = "-----END ";
	const char *found;

	if (*text != '-' || strncmp(text, begin, strlen(begin)) != 0)
		return 0;
	found = memmem(text, strnlen(text, PEM_LINE_MAX), key, strlen(key));
	if (!found || memchr(text, '\n', (size_t)(found - text)))
		return 0;
	found = strstr(text, end);
	return found ? (size_t)(found - text) + strcspn(found, "\n") : strlen(text);
}

/* The rest of a key whose begin was cut off. */
static size_t end_length(const char *text)
{
	const char *begin = memmem(text, strnlen(text, KEY_SIZE_MAX), "-----BEGIN ", 11);
	const char *end = memmem(text, strnlen(text, KEY_SIZE_MAX), "-----END ", 9);
	size_t line;

	if (!end || (begin && begin < end))
		return 0;
	line = strcspn(end, "\n");
	return memmem(end, line, "PRIVATE KEY-----", 16) ? (size_t)(end - text) + line : 0;
}

/* Of "scheme://user:password@host", where 'text' is behind the colon. */
static size_t password_length(const char *start, const char *text)
{
	const char *begin;
	size_t length;

	if (text == start || text[-1] != ':')
		return 0;
	begin = text - 1;
	for (length = 0; length < URL_PART_MAX && !strchr("@" BLANKS "/", text[length]);)
		length++;
	if (text[length] != '@' || length == 0)
		return 0;
	while (begin > start && text - begin < URL_PART_MAX && !strchr(BLANKS "/", begin[-1]))
		begin--;
	return begin - start >= 3 && strncmp(begin - 3, "://", 3) == 0 ? length : 0;
}
