// SPDX-License-Identifier: Apache-2.0
/* Pins: names in bpffs. */
#include "capture/pins.h"

#include "base/file.h"
#include "base/text.h"
#include "mirror/refusals.h"
#include "wire/capture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define LAYOUT_PREFIX "layout-"

static int pins_lock(struct pins *pins, struct refusal *why);
static bool path_is_in_bpffs(const char *path);
static int directory_each(const char *path, int (*found)(const char *path, const char *name));
static int entry_remove(const char *path, const char *name);

static void directory_close(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

int pins_open(struct pins *ret_pins, const char *directory, struct refusal *why)
{
	char parent[PINS_PATH_SIZE];
	int r;

	if (!string_copy(parent, sizeof(parent), directory))
		return -ENAMETOOLONG;
	if (!path_is_in_bpffs(directory) && !path_is_in_bpffs(dirname(parent)))
		return refuse(why, REFUSE_UNAVAILABLE,
			      "The directory '%s' is not in a mounted BPF file system; "
			      "'mount -t bpf bpf /sys/fs/bpf' makes one",
			      directory);
	r = directory_make(directory, 0700);
	if (r < 0)
		return r;
	return pins_open_existing(ret_pins, directory, why);
}

int pins_open_existing(struct pins *ret_pins, const char *directory, struct refusal *why)
{
	_cleanup_pins_ struct pins pins = PINS_NONE;
	int r;

	if (!string_copy(pins.directory, sizeof(pins.directory), directory))
		return -ENAMETOOLONG;
	(void)snprintf(pins.layout, sizeof(pins.layout), "%s/" LAYOUT_PREFIX "%d", directory,
		       CAPTURE_LAYOUT_VERSION);
	r = pins_lock(&pins, why);
	if (r != 0)
		return r;
	*ret_pins = pins;
	pins.lock = -1;
	return 0;
}

void pins_close(struct pins *pins)
{
	closep(&pins->lock);
	pins->lock = -1;
}

int pins_make_layout(const struct pins *pins)
{
	char links[PINS_ENTRY_SIZE + 8];

	(void)snprintf(links, sizeof(links), "%s/links", pins->layout);
	return directory_make(links, 0700);
}

int pins_each_layout(const struct pins *pins, int (*found)(void *context, const char *layout),
		     void *context)
{
	_cleanup_(directory_close) DIR *directory = opendir(pins->directory);
	const struct dirent *entry;
	int result = 0;

	if (!directory)
		return -errno;
	while ((entry = readdir(directory))) {
		char layout[PINS_ENTRY_SIZE];
		int r;

		if (strncmp(entry->d_name, LAYOUT_PREFIX, strlen(LAYOUT_PREFIX)) != 0)
			continue;
		r = snprintf(layout, sizeof(layout), "%s/%s", pins->directory, entry->d_name);
		r = r < (int)sizeof(layout) ? found(context, layout) : -ENAMETOOLONG;
		if (r < 0 && result == 0)
			result = r;
	}
	return result;
}

void pins_link_path(const char *layout, int ifindex, enum direction direction,
		    char ret_path[PINS_ENTRY_SIZE])
{
	(void)snprintf(ret_path, PINS_ENTRY_SIZE, "%s/links/%d-%s", layout, ifindex,
		       direction == DIRECTION_INGRESS ? "ingress" : "egress");
}

int pins_watch_links(const struct pins *pins, int inotify)
{
	char links[PINS_ENTRY_SIZE + 8];

	(void)snprintf(links, sizeof(links), "%s/links", pins->layout);
	return inotify_add_watch(inotify, links, IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR) < 0
		       ? -errno
		       : 0;
}

int pins_remove_layout(const char *layout)
{
	char links[PINS_ENTRY_SIZE + 8];
	int r;

	(void)snprintf(links, sizeof(links), "%s/links", layout);
	r = directory_each(links, entry_remove);
	if (r < 0 && r != -ENOENT)
		return r;
	if (rmdir(links) < 0 && errno != ENOENT)
		return -errno;
	r = directory_each(layout, entry_remove);
	if (r < 0 && r != -ENOENT)
		return r;
	return rmdir(layout) < 0 && errno != ENOENT ? -errno : 0;
}

/* bpffs has no files to lock, but its directories are good for it. */
static int pins_lock(struct pins *pins, struct refusal *why)
{
	pins->lock = open(pins->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (pins->lock < 0)
		return -errno;
	if (!path_is_in_bpffs(pins->directory))
		return refuse(why, REFUSE_UNAVAILABLE,
			      "The directory '%s' is not in a mounted BPF file system",
			      pins->directory);
	if (flock(pins->lock, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return -errno;
	return refuse(why, REFUSE_UNAVAILABLE, "The directory '%s' is in use by another process",
		      pins->directory);
}

static bool path_is_in_bpffs(const char *path)
{
	struct statfs status;

	return statfs(path, &status) == 0 && status.f_type == BPF_FS_MAGIC;
}

static int directory_each(const char *path, int (*found)(const char *path, const char *name))
{
	_cleanup_(directory_close) DIR *directory = opendir(path);
	const struct dirent *entry;

	if (!directory)
		return -errno;
	while ((entry = readdir(directory))) {
		int r;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		r = found(path, entry->d_name);
		if (r < 0)
			return r;
	}
	return 0;
}

static int entry_remove(const char *path, const char *name)
{
	char entry[PINS_ENTRY_SIZE + 256];
	int length = snprintf(entry, sizeof(entry), "%s/%s", path, name);

	if (length >= (int)sizeof(entry))
		return -ENAMETOOLONG;
	return unlink(entry) < 0 && errno != ENOENT ? -errno : 0;
}
