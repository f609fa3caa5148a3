// SPDX-License-Identifier: Apache-2.0
#include "agent/notices.h"

#include "base/cleanup.h"
#include "base/count.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <sys/inotify.h>
#include <sys/socket.h>

#define RECEIVE_SIZE (1 << 20) /* Bytes that may wait: some thousand devices made at once. */
#define GROUPS                                                                                   \
	(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_TC | RTMGRP_IPV4_ROUTE | \
	 RTMGRP_IPV6_ROUTE)

struct listener {
	void (*classifiers_changed)(void *context, int ifindex);
	void *context;
	unsigned int told;
};

static int routes_sift(int netlink);
static void messages_read(struct listener *listener, char *buffer, size_t size);

int notices_open(struct notices *ret_notices)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = GROUPS};
	_cleanup_close_ int pins = inotify_init1(IN_CLOEXEC | IN_NONBLOCK), netlink = -1;
	const int size = RECEIVE_SIZE;

	netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (pins < 0 || netlink < 0 ||
	    setsockopt(netlink, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0 ||
	    routes_sift(netlink) < 0 ||
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

/* A router's routes change all the time, and only the default ones concern us: the kernel leaves out the others.  Words are
 * loaded as from a wire, and netlink's are the host's own. */
static int routes_sift(int netlink)
{
	const uint32_t type = offsetof(struct nlmsghdr, nlmsg_type);
	const uint32_t length = NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_dst_len);
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, type),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_NEWROUTE), 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(RTM_DELROUTE), 0, 2),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, length),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = {ARRAY_SIZE(steps), steps};

	return setsockopt(netlink, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
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
		case RTM_NEWROUTE:
		case RTM_DELROUTE:
			listener->told |= NOTICE_LINKS;
			break;
		default: /* Classes and actions of others. */
			break;
		}
	}
}
