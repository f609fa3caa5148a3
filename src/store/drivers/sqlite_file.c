// SPDX-License-Identifier: Apache-2.0
/* A database and its log are one thing in two files, and a log beside a database that it does not belong to ruins that
 * one.  So wherever a file is put in place, the log leaves first, if there is one still (of a store too damaged to take it
 * in), and the database changes by one rename.  Both are kept aside before. */
#include "store/drivers/sqlite_file.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#define PIECE_SIZE (1U << 20)

static int path_join(char ret_path[PATH_MAX], const char *path, const char *suffix);
static int file_copy(const char *from, const char *to);
static int give_to_owner(const char *path);
static int keep_aside(const char *location, const char *aside);
static int link_if_there(const char *from, const char *to);
static int unlink_if_there(const char *path, const char *suffix);
static int file_sync(const char *path);
static int directory_sync(const char *path_inside);

/* SQLite gives its log and shared memory the mode of the database, so making that one is enough.  An existing file keeps
 * the mode its administrator gave it, and is not even opened: closing a descriptor would drop SQLite's locks. */
int sqlite_file_make(const char *path)
{
	_cleanup_close_ int descriptor = -1;

	descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (descriptor < 0)
		return errno == EEXIST ? 0 : -errno;
	if (fsync(descriptor) < 0)
		return -errno;
	return directory_sync(path);
}

int sqlite_file_begin(const char *path, char ret_beside[PATH_MAX])
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
	_cleanup_close_ int descriptor = -1;
	int r;

	r = path_join(ret_beside, path, ".new");
	for (size_t i = 0; r == 0 && i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		r = unlink_if_there(ret_beside, suffixes[i]);
	if (r < 0)
		return r;
	descriptor = open(ret_beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	return descriptor < 0 ? -errno : 0;
}

int sqlite_file_finish(const char *beside, const char *path)
{
	int r;

	r = file_sync(beside);
	if (r < 0)
		return r;
	if (rename(beside, path) < 0)
		return -errno;
	return directory_sync(path);
}

int sqlite_file_stage(const char *location, const char *path, char *ret_staged)
{
	int r;

	r = sqlite_file_begin(location, ret_staged);
	if (r < 0)
		return r;
	r = file_copy(path, ret_staged);
	if (r == 0)
		r = give_to_owner(ret_staged);
	if (r < 0)
		(void)unlink(ret_staged);
	return r;
}

int sqlite_file_replace(const char *location, const char *staged, const char *aside)
{
	int r;

	r = keep_aside(location, aside);
	if (r == 0)
		r = unlink_if_there(location, "-wal");
	if (r == 0)
		r = unlink_if_there(location, "-shm");
	if (r == 0)
		r = directory_sync(location);
	return r < 0 ? r : sqlite_file_finish(staged, location);
}

static int path_join(char ret_path[PATH_MAX], const char *path, const char *suffix)
{
	return snprintf(ret_path, PATH_MAX, "%s%s", path, suffix) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int file_copy(const char *from, const char *to)
{
	_cleanup_close_ int source = -1, target = -1;
	ssize_t n;

	source = open(from, O_RDONLY | O_CLOEXEC);
	if (source < 0)
		return -errno;
	target = open(to, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (target < 0)
		return -errno;
	do
		n = sendfile(target, source, NULL, PIECE_SIZE);
	while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? -errno : 0;
}

/* Root may do the work, but the controller seldom runs as root. */
static int give_to_owner(const char *path)
{
	_cleanup_free_ char *copy = strdup(path);
	struct stat directory;

	if (!copy)
		return -ENOMEM;
	if (geteuid() != 0)
		return 0;
	if (stat(dirname(copy), &directory) < 0 ||
	    lchown(path, directory.st_uid, directory.st_gid) < 0)
		return -errno;
	return 0;
}

/* By a second name, so that the first never stands for nothing, out of which a controller would make a new store. */
static int keep_aside(const char *location, const char *aside)
{
	char log[PATH_MAX], log_aside[PATH_MAX];
	int r;

	r = path_join(log, location, "-wal");
	if (r == 0)
		r = path_join(log_aside, aside, "-wal");
	if (r == 0)
		r = link_if_there(log, log_aside);
	return r < 0 ? r : link_if_there(location, aside);
}

static int link_if_there(const char *from, const char *to)
{
	return link(from, to) < 0 && errno != ENOENT ? -errno : 0;
}

static int unlink_if_there(const char *path, const char *suffix)
{
	char whole[PATH_MAX];
	int r = path_join(whole, path, suffix);

	if (r < 0)
		return r;
	return unlink(whole) < 0 && errno != ENOENT ? -errno : 0;
}

static int file_sync(const char *path)
{
	_cleanup_close_ int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	return descriptor < 0 || fsync(descriptor) < 0 ? -errno : 0;
}

static int directory_sync(const char *path_inside)
{
	_cleanup_free_ char *copy = strdup(path_inside);
	_cleanup_close_ int descriptor = -1;

	if (!copy)
		return -ENOMEM;
	descriptor = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0 || fsync(descriptor) < 0)
		return -errno;
	return 0;
}
