// SPDX-License-Identifier: Apache-2.0
#include "net/netlink.h"

#include "base/cleanup.h"

#include <errno.h>

#define ANSWER_SIZE 32768

DEFINE_CLEANUP(struct mnl_socket *, mnl_socket_close)

int netlink_ask(struct nlmsghdr *request, mnl_cb_t callback, void *data)
{
	_cleanup_(mnl_socket_closep) struct mnl_socket *netlink =
		mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	_cleanup_free_ char *answer = malloc(ANSWER_SIZE);
	int r = MNL_CB_OK;

	if (!netlink || !answer)
		return -errno;
	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	request->nlmsg_seq = 1;
	if (mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(netlink, request, request->nlmsg_len) < 0)
		return -errno;
	while (r > MNL_CB_STOP) {
		ssize_t size = mnl_socket_recvfrom(netlink, answer, ANSWER_SIZE);

		if (size < 0)
			return -errno;
		r = mnl_cb_run(answer, (size_t)size, 1, mnl_socket_get_portid(netlink), callback,
			       data);
	}
	return r < 0 ? -errno : 0;
}
