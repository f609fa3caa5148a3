/* One question to rtnetlink.
 *
 * A socket per question: these are asked every second at most, and a socket that nobody keeps cannot hold stale
 * answers. */
#pragma once

#include <libmnl/libmnl.h>

/* Sends a request and passes every message of the answer to 'callback'.  Returns 0 or the negative errno that the kernel
 * answered with. */
int netlink_ask(struct nlmsghdr *request, mnl_cb_t callback, void *data);
