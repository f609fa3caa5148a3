/* What the kernel tells unasked: that links, addresses or default routes changed, that somebody changed the classifiers of a device, and
 * that a pin of ours was removed. */
#pragma once

struct notices {
	int netlink; /* Both are readable when there is something to tell. */
	int pins;    /* An inotify instance; the owner says what it watches. */
};

#define NOTICES_NONE ((struct notices){.netlink = -1, .pins = -1})

enum notice {
	NOTICE_LINKS =
		1
		<< 0, /* Links, addresses or default routes; what about them does not matter, all is read anew. */
	NOTICE_CLASSIFIERS = 1 << 1, /* Each device was passed to the callback. */
	NOTICE_PINS = 1 << 2,
	NOTICE_LOST = 1 << 3, /* There was too much to tell: anything may have changed. */
};

int notices_open(struct notices *ret_notices);
void notices_close(struct notices *notices);

/* Takes in all that was told, and returns it as a set of enum notice. */
unsigned int notices_read(const struct notices *notices,
			  void (*classifiers_changed)(void *context, int ifindex), void *context);
