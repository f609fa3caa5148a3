// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int read_all(int descriptor, size_t maximum, char **ret_data, size_t *ret_size);
static int write_all(int descriptor, const char *data, size_t size);
static int directory_sync(const char *file_path);

int file_read(const char *path, size_t maximum, char **ret_data, size_t *ret_size)
{
	_cleanup_close_ int descriptor = open(path, O_RDONLY | O_CLOEXEC);

	return descriptor < 0 ? -errno : read_all(descriptor, maximum, ret_data, ret_size);
}

int file_read_plain(const char *path, size_t maximum, char **ret_data, size_t *ret_size)
{
	_cleanup_close_ int descriptor =
		open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat status;

	if (descriptor < 0 || fstat(descriptor, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	return read_all(descriptor, maximum, ret_data, ret_size);
}

int file_replace(const char *path, const void *data, size_t size, mode_t mode)
{
	_cleanup_close_ int descriptor = -1;
	char beside[PATH_MAX];
	int r;

	if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside))
		return -ENAMETOOLONG;
	if (unlink(beside) < 0 && errno != ENOENT)
		return -errno;
	descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (descriptor < 0)
		return -errno;
	/* Whatever the umask is, what is meant for everybody can be read by everybody. */
	r = fchmod(descriptor, mode) < 0 ? -errno : write_all(descriptor, data, size);
	if (r == 0 && (fsync(descriptor) < 0 || rename(beside, path) < 0))
		r = -errno;
	if (r < 0) {
		(void)unlink(beside);
		return r;
	}
	return directory_sync(path);
}

int directory_make(const char *path, mode_t mode)
{
	char partial[PATH_MAX];
	size_t length = strlen(path);
	struct stat status;

	if (length == 0)
		return -ENOENT;
	if (length >= sizeof(partial))
		return -ENAMETOOLONG;
	memcpy(partial, path, length + 1);
	for (size_t i = 1; i <= length; i++) {
		if (partial[i] != '/' && partial[i] != '\0')
			continue;
		partial[i] = '\0';
		if (mkdir(partial, mode) < 0 && errno != EEXIST)
			return -errno;
		partial[i] = path[i];
	}
	/* EEXIST is also said of a file. */
	if (stat(path, &status) < 0)
		return -errno;
	return S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
}

static int read_all(int descriptor, size_t maximum, char **ret_data, size_t *ret_size)
{
	_cleanup_free_ char *data = NULL;
	size_t size = 0, room = 4096;

	for (;;) {
		char *grown = realloc(data, room + 1);
		ssize_t n;

		if (!grown)
			return -ENOMEM;
		data = grown;
		n = read(descriptor, data + size, room - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		size += (size_t)n;
		if (size > maximum)
			return -EFBIG;
		if (size == room)
			room *= 2;
	}
	data[size] = '\0';
	*ret_data = TAKE_PTR(data);
	if (ret_size)
		*ret_size = size;
	return 0;
}

static int write_all(int descriptor, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(descriptor, data, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		size -= (size_t)n;
	}
	return 0;
}

/* Makes the rename of 'file_path' itself durable. */
static int directory_sync(const char *file_path)
{
	_cleanup_close_ int descriptor = -1;
	_cleanup_free_ char *parent = strdup(file_path);
	char *slash;

	if (!parent)
		return -ENOMEM;
	slash = strrchr(parent, '/');
	if (slash == parent)
		slash++;
	if (slash)
		*slash = '\0';
	descriptor = open(slash ? parent : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0 || fsync(descriptor) < 0)
		return -errno;
	return 0;
}
