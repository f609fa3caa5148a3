// SPDX-License-Identifier: Apache-2.0
/* Loaded into a program before all others (LD_PRELOAD), this library makes its writes go wrong: everything that changes a
 * file below one directory is counted, and at a given count the process is gone, as by kill -9, right before that change
 * or in the middle of it.  Or such changes fail, for as long as a switch is on.
 *
 *	FAULT_UNDER    the directory
 *	FAULT_AT       the count at which the process ends; 0: never
 *	FAULT_TORN     1: a write that is the last one is done by half
 *	FAULT_SWITCH   a file; while it is there, changes fail with the error number that it holds, or only those of the
 *	               kind that follows the number: write, sync, truncate, rename, link or unlink
 *	FAULT_LOG      a file that gets a line for each change: what, and the path
 *
 * The count is over all threads, so what exactly is hit varies; that is no loss. */
#undef _FILE_OFFSET_BITS /* Both names of each function are wanted. */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

/* The next library's function of the same name. */
#define REAL(name)                                                  \
	({                                                          \
		static __typeof__(&name) found;                     \
		if (!found)                                         \
			*(void **)&found = dlsym(RTLD_NEXT, #name); \
		found;                                              \
	})

static atomic_ulong changes;

static void log_change(const char *what, const char *path)
{
	const char *log = getenv("FAULT_LOG");
	char line[PATH_MAX + 32];
	long descriptor;
	int length;

	if (!log)
		return;
	length = snprintf(line, sizeof(line), "%s %s\n", what, path);
	descriptor =
		syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (descriptor < 0)
		return;
	(void)syscall(SYS_write, descriptor, line, length);
	(void)syscall(SYS_close, descriptor);
}

/* The error of the switch for this kind of change, or 0. */
static int switched_error(const char *what)
{
	const char *path = getenv("FAULT_SWITCH");
	char words[32] = "", kind[16] = "";
	long descriptor = path ? syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0) : -1;
	int number = 0;

	if (descriptor < 0)
		return 0;
	(void)syscall(SYS_read, descriptor, words, sizeof(words) - 1);
	(void)syscall(SYS_close, descriptor);
	if (sscanf(words, "%d %15s", &number, kind) == 2 && strcmp(kind, what) != 0)
		return 0;
	return number;
}

static bool is_ours(const char *path)
{
	const char *under = getenv("FAULT_UNDER");
	size_t length = under ? strlen(under) : 0;

	return length > 0 && strncmp(path, under, length) == 0 &&
	       (path[length] == '/' || path[length] == '\0');
}

/* Says whether the change is the last one; sets errno and returns -1 where it shall fail. */
static int path_changes(const char *what, const char *path)
{
	const char *at = getenv("FAULT_AT");
	unsigned long last = at ? strtoul(at, NULL, 10) : 0;
	int saved = errno, error;

	if (!is_ours(path))
		return 0;
	log_change(what, path);
	error = switched_error(what);
	errno = error ? error : saved;
	if (error)
		return -1;
	return last > 0 && atomic_fetch_add(&changes, 1) + 1 == last;
}

static int descriptor_changes(const char *what, int descriptor)
{
	char link[64], path[PATH_MAX];
	ssize_t length;
	int saved = errno;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", descriptor);
	length = readlink(link, path, sizeof(path) - 1);
	errno = saved;
	if (length < 0)
		return 0;
	path[length] = '\0';
	return path_changes(what, path);
}

static bool is_torn(void)
{
	const char *torn = getenv("FAULT_TORN");

	return torn && strcmp(torn, "1") == 0;
}

static _Noreturn void die(void)
{
	(void)raise(SIGKILL); /* By tgkill(), which the sandbox allows. */
	for (;;)
		(void)pause();
}

EXPORT ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off64_t offset)
{
	int last = descriptor_changes("write", descriptor);

	if (last > 0 && is_torn())
		(void)REAL(pwrite64)(descriptor, bytes, size / 2, offset);
	if (last > 0)
		die();
	return last < 0 ? -1 : REAL(pwrite64)(descriptor, bytes, size, offset);
}

EXPORT ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset)
{
	return pwrite64(descriptor, bytes, size, offset);
}

EXPORT ssize_t write(int descriptor, const void *bytes, size_t size)
{
	int last = descriptor_changes("write", descriptor);

	if (last > 0 && is_torn())
		(void)REAL(write)(descriptor, bytes, size / 2);
	if (last > 0)
		die();
	return last < 0 ? -1 : REAL(write)(descriptor, bytes, size);
}

/* What has no middle: it is done, or it is not. */
#define WHOLE(changed, name, ...)                         \
	({                                                \
		int _last = changed;                      \
		if (_last > 0)                            \
			die();                            \
		_last < 0 ? -1 : REAL(name)(__VA_ARGS__); \
	})

EXPORT int fsync(int descriptor)
{
	return WHOLE(descriptor_changes("sync", descriptor), fsync, descriptor);
}

EXPORT int fdatasync(int descriptor)
{
	return WHOLE(descriptor_changes("sync", descriptor), fdatasync, descriptor);
}

EXPORT int ftruncate64(int descriptor, off64_t size)
{
	return WHOLE(descriptor_changes("truncate", descriptor), ftruncate64, descriptor, size);
}

EXPORT int ftruncate(int descriptor, off_t size)
{
	return ftruncate64(descriptor, size);
}

EXPORT int rename(const char *from, const char *to)
{
	return WHOLE(path_changes("rename", to), rename, from, to);
}

EXPORT int link(const char *from, const char *to)
{
	return WHOLE(path_changes("link", to), link, from, to);
}

EXPORT int unlink(const char *path)
{
	return WHOLE(path_changes("unlink", path), unlink, path);
}
