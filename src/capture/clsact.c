// SPDX-License-Identifier: Apache-2.0
/* Attaching by classifiers of the clsact qdisc, for kernels before 6.6.
 *
 * Our classifiers are told by their handle.  They go where nobody comes before, who might end the chain; but a priority
 * belongs to one kind of classifier and one protocol, and somebody else's can keep us out of the first.
 *
 * The qdisc has no owner, so the map of devices remembers whether we made it, and it goes when it was ours and nobody
 * else has moved in. */
#include "capture/attach.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <time.h>

#define CLASSIFIER_HANDLE 0x746d /* "tm" */
#define PRIORITY_MAX      8      /* Tried from 1 on. */

static enum bpf_tc_attach_point attach_point(enum direction direction)
{
	return direction == DIRECTION_INGRESS ? BPF_TC_INGRESS : BPF_TC_EGRESS;
}

static uint32_t program_id(int program)
{
	struct bpf_prog_info info = {};
	uint32_t size = sizeof(info);

	return bpf_obj_get_info_by_fd(program, &info, &size) < 0 ? 0 : info.id;
}

/* Where our classifier is, and its program; 0 when it is not there. */
static uint32_t priority_find(const struct bpf_tc_hook *hook, uint32_t *ret_program)
{
	for (uint32_t priority = 1; priority <= PRIORITY_MAX; priority++) {
		LIBBPF_OPTS(bpf_tc_opts, present, .handle = CLASSIFIER_HANDLE,
			    .priority = priority);

		if (bpf_tc_query(hook, &present) < 0)
			continue;
		*ret_program = present.prog_id;
		return priority;
	}
	return 0;
}

/* Returns 0, -EINVAL when the priority is for others, or another fault. */
static int classifier_attach(const struct bpf_tc_hook *hook, int program, uint32_t priority)
{
	LIBBPF_OPTS(bpf_tc_opts, wanted, .handle = CLASSIFIER_HANDLE, .priority = priority,
		    .prog_fd = program, .flags = BPF_TC_F_REPLACE);

	return bpf_tc_attach(hook, &wanted);
}

static int clsact_ensure(const char *layout, int ifindex, enum direction direction, int program,
			 uint32_t *ret_flags)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	uint32_t priority, present;
	int r;

	(void)layout;
	r = bpf_tc_hook_create(&hook);
	if (r == 0)
		*ret_flags |= MAP_DEVICE_QDISC_OURS;
	else if (r != -EEXIST)
		return r;
	hook.attach_point = attach_point(direction);
	priority = priority_find(&hook, &present);
	if (priority != 0)
		return present == program_id(program) ? 0
						      : classifier_attach(&hook, program, priority);
	do
		r = classifier_attach(&hook, program, ++priority);
	while (r == -EINVAL && priority < PRIORITY_MAX);
	return r;
}

struct filter_count {
	int ifindex;
	unsigned int count;
};

static int filter_seen(const struct nlmsghdr *message, void *data)
{
	const struct tcmsg *traffic = mnl_nlmsg_get_payload(message);
	struct filter_count *filters = data;

	/* A chain that has a classifier is told once without handle, and then with it. */
	if (message->nlmsg_type == RTM_NEWTFILTER && traffic->tcm_ifindex == filters->ifindex)
		filters->count++;
	return MNL_CB_OK;
}

static void socket_close(struct mnl_socket **socket)
{
	if (*socket)
		mnl_socket_close(*socket);
}

/* Asks for the classifiers of one direction, whoever's they are. */
static int filters_count(int ifindex, uint32_t parent, unsigned int *ret_count)
{
	_cleanup_(socket_close) struct mnl_socket *socket = mnl_socket_open(NETLINK_ROUTE);
	struct filter_count filters = {.ifindex = ifindex};
	uint32_t buffer[8192 / sizeof(uint32_t)];
	struct nlmsghdr *message;
	struct tcmsg *traffic;
	ssize_t size;
	int r = MNL_CB_OK;

	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	message = mnl_nlmsg_put_header(buffer);
	message->nlmsg_type = RTM_GETTFILTER;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	traffic = mnl_nlmsg_put_extra_header(message, sizeof(*traffic));
	traffic->tcm_family = AF_UNSPEC;
	traffic->tcm_ifindex = ifindex;
	traffic->tcm_parent = parent;
	if (mnl_socket_sendto(socket, message, message->nlmsg_len) < 0)
		return -errno;
	while (r == MNL_CB_OK) {
		size = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		if (size < 0)
			return -errno;
		r = mnl_cb_run(buffer, (size_t)size, 0, mnl_socket_get_portid(socket), filter_seen,
			       &filters);
	}
	if (r < 0)
		return -errno;
	*ret_count = filters.count;
	return 0;
}

static int qdisc_remove_if_empty(int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	unsigned int ingress, egress;
	int r;

	r = filters_count(ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), &ingress);
	if (r == 0)
		r = filters_count(ifindex, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS), &egress);
	if (r < 0 || ingress > 0 || egress > 0)
		return r;
	return bpf_tc_hook_destroy(&hook);
}

/* The kernel says ENODEV for a vanished device, EINVAL for a vanished qdisc, ENOENT for a vanished classifier. */
static bool is_gone(int r)
{
	return r == -ENODEV || r == -EINVAL || r == -ENOENT;
}

static int clsact_remove(const char *layout, int ifindex, uint32_t flags)
{
	int r;

	(void)layout;
	for (enum direction direction = 0; direction < DIRECTION_COUNT; direction++) {
		LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
			    .attach_point = attach_point(direction));
		uint32_t program, priority = priority_find(&hook, &program);
		LIBBPF_OPTS(bpf_tc_opts, ours, .handle = CLASSIFIER_HANDLE, .priority = priority);

		r = priority != 0 ? bpf_tc_detach(&hook, &ours) : 0;
		if (r < 0 && !is_gone(r))
			return r;
	}
	if (!(flags & MAP_DEVICE_QDISC_OURS))
		return 0;
	r = qdisc_remove_if_empty(ifindex);
	return is_gone(r) ? 0 : r;
}

const struct attach_way attach_clsact = {
	.name = CAPTURE_ATTACH_CLSACT,
	.flags = MAP_DEVICE_CLSACT,
	.ensure = clsact_ensure,
	.remove = clsact_remove,
};
