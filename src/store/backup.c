// SPDX-License-Identifier: Apache-2.0
#include "store/backup.h"

#include "base/clock.h"
#include "mirror/refusals.h"
#include "store/driver.h"
#include "store/schema.h"
#include "store/statement.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int find_file_driver(const char *location, const struct driver **ret_driver,
			    const char **ret_rest, struct refusal *why);
static int look_at(const struct driver *driver, const char *rest, const char *name, int *ret_schema,
		   struct refusal *why);
static int get_schema(struct store *store, const char *name, int *ret_schema, struct refusal *why);
static int name_aside(const char *rest, int64_t now, char ret_aside[PATH_MAX]);
static int measure(const char *path, int64_t *ret_size);

int store_backup(const char *location, const char *path, struct backup *ret_backup,
		 struct refusal *why)
{
	_cleanup_(store_closep) struct store *store = NULL;
	const struct driver *driver;
	struct backup backup = {};
	const char *rest;
	int r;

	r = find_file_driver(location, &driver, &rest, why);
	if (r != 0)
		return r;
	r = store_connect(location, false, &store, why);
	if (r == -ENOENT)
		return refuse(why, REFUSE_PARAMETER_VALUE, "There is no store at '%s'", rest);
	if (r == 0)
		r = get_schema(store, rest, &backup.schema, why);
	if (r == 0)
		r = store_check(store);
	if (r == -EBADMSG)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The store '%s' is damaged: no backup was made", rest);
	if (r == 0)
		r = store_copy(store, path);
	if (r == 0)
		r = measure(path, &backup.size);
	if (r == 0)
		*ret_backup = backup;
	return r;
}

int store_restore(const char *location, const char *path, int64_t now, struct backup *ret_backup,
		  struct refusal *why)
{
	const struct driver *driver;
	struct backup backup = {};
	char staged[PATH_MAX];
	const char *rest;
	int r;

	r = find_file_driver(location, &driver, &rest, why);
	if (r == 0)
		r = name_aside(rest, now, backup.aside);
	if (r == 0)
		r = driver->stage(rest, path, staged);
	if (r == -ENOENT)
		return refuse(why, REFUSE_PARAMETER_VALUE, "There is no file '%s'", path);
	if (r != 0)
		return r;
	r = look_at(driver, staged, path, &backup.schema, why);
	if (r == 0)
		r = measure(staged, &backup.size);
	if (r == 0)
		r = driver->replace(rest, staged, backup.aside);
	if (r != 0) {
		(void)unlink(staged);
		return r;
	}
	if (access(backup.aside, F_OK) < 0)
		backup.aside[0] = '\0';
	*ret_backup = backup;
	return 0;
}

static int find_file_driver(const char *location, const struct driver **ret_driver,
			    const char **ret_rest, struct refusal *why)
{
	int r = store_find_driver(location, ret_driver, ret_rest, why);

	if (r == 0 && !(*ret_driver)->copy)
		r = refuse(why, REFUSE_PARAMETER_VALUE,
			   "The store '%s' is no file: it has no backups", location);
	return r;
}

/* Opens the staged copy as the store that it shall be, and closes it again; 'name' is what the user calls it. */
static int look_at(const struct driver *driver, const char *rest, const char *name, int *ret_schema,
		   struct refusal *why)
{
	_cleanup_(store_closep) struct store *store = NULL;
	char location[PATH_MAX + 32];
	int r;

	(void)snprintf(location, sizeof(location), "%s:%s", driver->name, rest);
	r = store_connect(location, false, &store, why);
	if (r == 0)
		r = get_schema(store, name, ret_schema, why);
	if (r == 0)
		r = store_check(store);
	if (r == -EBADMSG)
		return refuse(why, REFUSE_PARAMETER_VALUE, "'%s' is no whole store: it is damaged",
			      name);
	return r;
}

static int get_schema(struct store *store, const char *name, int *ret_schema, struct refusal *why)
{
	char quoted[PATH_MAX + 4];

	(void)snprintf(quoted, sizeof(quoted), "'%s'", name);
	return schema_get_version(store, quoted, ret_schema, why);
}

/* "/var/lib/tmirror/tmirror.sqlite.before-2026-01-02T03:04:05.000Z" */
static int name_aside(const char *rest, int64_t now, char ret_aside[PATH_MAX])
{
	char time[TIMESTAMP_SIZE];

	timestamp_format(now, time);
	return snprintf(ret_aside, PATH_MAX, "%s.before-%s", rest, time) < PATH_MAX ? 0
										    : -ENAMETOOLONG;
}

static int measure(const char *path, int64_t *ret_size)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return -errno;
	*ret_size = status.st_size;
	return 0;
}
