/* The directory in bpffs that keeps everything alive between agents.
 *
 *	DIRECTORY/                    locked by the one process that uses it
 *	DIRECTORY/layout-N/           maps by their names in wire/maps.h, rings as ring-CPU
 *	DIRECTORY/layout-N/links/     tcx links as IFINDEX-ingress and IFINDEX-egress
 *
 * N is CAPTURE_LAYOUT_VERSION. */
#pragma once

#include "base/cleanup.h"
#include "wire/direction.h"

#define PINS_PATH_SIZE  256
#define PINS_ENTRY_SIZE (PINS_PATH_SIZE + 64)

struct refusal;

struct pins {
	char directory[PINS_PATH_SIZE];
	char layout[PINS_ENTRY_SIZE]; /* DIRECTORY/layout-N of this version. */
	int lock;
};

#define PINS_NONE ((struct pins){.lock = -1})

/* Makes the directory if it is missing and locks it.  Returns 0, REFUSED (not in a bpffs, or in use), or a fault. */
int pins_open(struct pins *ret_pins, const char *directory, struct refusal *why);

/* Like pins_open() for a directory that may be missing: then returns -ENOENT. */
int pins_open_existing(struct pins *ret_pins, const char *directory, struct refusal *why);
void pins_close(struct pins *pins);
#define _cleanup_pins_ _cleanup_(pins_close)

/* Makes the directories of this layout. */
int pins_make_layout(const struct pins *pins);

/* Calls 'found' with the path of each layout in the directory, of whatever version.  Goes on after a fault and
 * returns the first. */
int pins_each_layout(const struct pins *pins, int (*found)(void *context, const char *layout),
		     void *context);

/* The pin of a tcx link. */
void pins_link_path(const char *layout, int ifindex, enum direction direction,
		    char ret_path[PINS_ENTRY_SIZE]);

/* Lets an inotify instance tell of every link of this layout that somebody removes. */
int pins_watch_links(const struct pins *pins, int inotify);

/* Removes a layout's pins and directories: links let go of their devices, maps are freed. */
int pins_remove_layout(const char *layout);
