// SPDX-License-Identifier: Apache-2.0
#include "agent/own_key.h"

#include "base/file.h"
#include "base/refusal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DIRECTORY "keys"

static int make_directory(const char *state);
static int make_path(const char *state, const char *origin, char ret_path[PATH_MAX]);

int own_key_load(const char *state, struct credentials *credentials, struct refusal *why)
{
	struct credentials newer = {};
	char path[PATH_MAX];
	int r;

	r = make_path(state, credentials->access_key_id, path);
	if (r == 0)
		r = credentials_read(path, &newer, why);
	if (r == -ENOENT || r == -EINVAL)
		return 0;
	if (r == 0 && (newer.access_key_id[0] == '\0' || newer.secret_access_key[0] == '\0'))
		r = refuse(why, 0, "there is no key in %.400s", path);
	if (r == 0) {
		memcpy(credentials->access_key_id, newer.access_key_id,
		       sizeof(credentials->access_key_id));
		memcpy(credentials->secret_access_key, newer.secret_access_key,
		       sizeof(credentials->secret_access_key));
	}
	explicit_bzero(&newer, sizeof(newer));
	return r;
}

int own_key_save(const char *state, const char *origin, const char *id, const char *secret)
{
	struct credentials newer = {};
	char path[PATH_MAX];
	int r = make_path(state, origin, path);

	if (r == 0)
		r = make_directory(state);
	if (r < 0)
		return r;
	(void)snprintf(newer.access_key_id, sizeof(newer.access_key_id), "%s", id);
	(void)snprintf(newer.secret_access_key, sizeof(newer.secret_access_key), "%s", secret);
	r = credentials_write(path, &newer);
	explicit_bzero(&newer, sizeof(newer));
	return r;
}

static int make_directory(const char *state)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/" DIRECTORY, state) >= PATH_MAX)
		return -ENAMETOOLONG;
	return directory_make(path, 0700);
}

/* -EINVAL: the id is not of letters and digits, so it is none of a host's. */
static int make_path(const char *state, const char *origin, char ret_path[PATH_MAX])
{
	for (const char *c = origin; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c))
			return -EINVAL;
	if (*origin == '\0')
		return -EINVAL;
	return snprintf(ret_path, PATH_MAX, "%s/" DIRECTORY "/after-%s.env", state, origin) <
			       PATH_MAX
		       ? 0
		       : -ENAMETOOLONG;
}
