// SPDX-License-Identifier: Apache-2.0
#include "agent/notices.h"

#include "base/cleanup.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/inotify.h>
#include <sys/socket.h>

#define RECEIVE_SIZE (1 << 20) /* Bytes that may wait: some thousand devices made at once. */
#define GROUPS       (RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_TC)

struct listener {
	void (*classifiers_changed)(void *context, int ifindex);
	void *context;
	unsigned int told;
};

static void messages_read(struct listener *listener, char *buffer, size_t size);

int notices_open(struct notices *ret_notices)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = GROUPS};
	_cleanup_close_ int pins = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), netlink = -1;
	const int size = RECEIVE_SIZE;

	netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (pins < 0 || netlink < 0 ||
	    setsockopt(netlink, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 ||
	    bind(netlink, (const struct sockaddr *)(const void *)&address, sizeof(address)) < 0)
		return -errno;
	ret_notices->netlink = TAKE_FD(netlink);
	ret_notices->pins = TAKE_FD(pins);
	return 0;
}

void notices_close(struct notices *notices)
{
	closep(&notices->netlink);
	closep(&notices->pins);
	*notices = NOTICES_NONE;
}

unsigned int notices_read(const struct notices *notices,
			  void (*classifiers_changed)(void *context, int ifindex), void *context)
{
	struct listener listener = {classifiers_changed, context, 0};
	_Alignas(struct nlmsghdr) char buffer[32768];
	ssize_t size;

	while (read(notices->pins, buffer, sizeof(buffer)) > 0)
		listener.told |= NOTICE_PINS;
	for (;;) {
		size = recv(notices->netlink, buffer, sizeof(buffer), 0);
		if (size > 0)
			messages_read(&listener, buffer, (size_t)size);
		else if (size < 0 && errno == ENOBUFS)
			listener.told |= NOTICE_LINKS | NOTICE_LOST;
		else if (size == 0 || errno != EINTR)
			return listener.told;
	}
}

static void messages_read(struct listener *listener, char *buffer, size_t size)
{
	struct nlmsghdr *message = (void *)buffer;

	for (; NLMSG_OK(message, size); message = NLMSG_NEXT(message, size)) {
		const struct tcmsg *traffic = NLMSG_DATA(message);

		switch (message->nlmsg_type) {
		case RTM_NEWQDISC:
		case RTM_DELQDISC:
		case RTM_NEWTFILTER:
		case RTM_DELTFILTER:
			if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*traffic)))
				break;
			listener->told |= NOTICE_CLASSIFIERS;
			listener->classifiers_changed(listener->context, traffic->tcm_ifindex);
			break;
		case RTM_NEWLINK:
		case RTM_DELLINK:
		case RTM_NEWADDR:
		case RTM_DELADDR:
			listener->told |= NOTICE_LINKS;
			break;
		default: /* Classes and actions of others. */
			break;
		}
	}
}
