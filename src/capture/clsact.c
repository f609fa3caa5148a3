// SPDX-License-Identifier: Apache-2.0
/* Attaching by classifiers of the clsact qdisc, for kernels before 6.6.
 *
 * Our classifiers are told by their handle.  They go where nobody comes before, who might end the chain; but a priority
 * belongs to one kind of classifier and one protocol, and somebody else's can keep us out of the first, or be there
 * before us within the same.  Then we stay behind, and say so.
 *
 * Making a qdisc, or removing one, takes the queues away from a device that is up until the kernel's grace period is
 * over (qdisc_graft() calls dev_deactivate()), and whatever is sent meanwhile is dropped; classifiers come and go without
 * that.  So we make a qdisc once, where nobody has, and leave it, empty and harmless, for as long as the device is up.
 * It has no owner; the map of devices remembers whether we made it, and it goes with us from a device that is down, if
 * nobody else has moved in. */
#include "capture/attach.h"

#include "base/clock.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define CLASSIFIER_HANDLE 0x746d /* "tm" */
#define PRIORITY_MAX      8      /* Tried from 1 on. */
#define DUMP_SIZE         32768

/* The classifiers of one direction of a device, whoever's they are. */
struct chain {
	int ifindex;
	unsigned int count;
	uint32_t first;   /* Priority of the first that is not ours; 0: there is none. */
	uint32_t ours;    /* Priority of ours; 0: it is not there. */
	uint32_t program; /* In ours. */
	bool behind;      /* Another comes before ours. */
};

static int chain_read(int ifindex, enum direction direction, struct chain *ret_chain);
static int classifier_seen(const struct nlmsghdr *message, void *data);
static int classifier_attach(int ifindex, enum direction direction, int program, uint32_t priority);
static int classifier_detach(int ifindex, enum direction direction, uint32_t priority);
static int classifier_add(int ifindex, enum direction direction, int program);
static bool device_is_up(int ifindex);
static int qdisc_remove_if_empty(int ifindex);

static int clsact_look(const struct attachments *attachments, const struct attachment *attachment,
		       enum direction direction)
{
	struct chain chain;
	int r = chain_read(attachment->ifindex, direction, &chain);

	if (r < 0)
		return r;
	if (chain.ours == 0 || chain.program != attachments->program_ids[direction])
		return CAPTURE_GONE;
	return chain.behind ? CAPTURE_OVERTAKEN : CAPTURE_FIRST;
}

/* Who is behind though a better priority is free moves there.  Ours is taken away first: for some microseconds nothing is
 * seen, where otherwise everything would be seen twice. */
static int clsact_take(const struct attachments *attachments, struct attachment *attachment,
		       enum direction direction, uint32_t *ret_flags)
{
	int ifindex = attachment->ifindex, program = attachments->programs[direction], r;
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);
	struct chain chain;
	int place;

	r = bpf_tc_hook_create(&hook);
	if (r == 0)
		*ret_flags |= MAP_DEVICE_QDISC_OURS;
	else if (r != -EEXIST)
		return r;
	r = chain_read(ifindex, direction, &chain);
	if (r < 0)
		return r;
	if (chain.ours == 0) {
		r = classifier_add(ifindex, direction, program);
		return r < 0 ? r : CAPTURE_GONE;
	}
	place = chain.behind ? CAPTURE_OVERTAKEN : CAPTURE_FIRST;
	if (chain.program != attachments->program_ids[direction]) {
		if (attachment->taken)
			place = CAPTURE_GONE;
		r = classifier_attach(ifindex, direction, program, chain.ours);
	}
	if (r == 0 && chain.behind && chain.first > 1 && chain.first < chain.ours) {
		r = classifier_detach(ifindex, direction, chain.ours);
		if (r == 0)
			r = classifier_add(ifindex, direction, program);
	}
	return r < 0 ? r : place;
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
		struct chain chain;

		r = chain_read(ifindex, direction, &chain);
		if (r == 0 && chain.ours != 0)
			r = classifier_detach(ifindex, direction, chain.ours);
		if (r < 0 && !is_gone(r))
			return r;
	}
	if (!(flags & MAP_DEVICE_QDISC_OURS) || device_is_up(ifindex))
		return 0;
	r = qdisc_remove_if_empty(ifindex);
	return is_gone(r) ? 0 : r;
}

/* The kernel tells of changes (RTNLGRP_TC), so this is for what it did not tell. */
const struct attach_way attach_clsact = {
	.name = CAPTURE_ATTACH_CLSACT,
	.flags = MAP_DEVICE_CLSACT,
	.interval = 5 * NSEC_PER_SEC,
	.look = clsact_look,
	.take = clsact_take,
	.remove = clsact_remove,
};

static void socket_close(struct mnl_socket **socket)
{
	if (*socket)
		mnl_socket_close(*socket);
}

static int chain_read(int ifindex, enum direction direction, struct chain *ret_chain)
{
	_cleanup_(socket_close) struct mnl_socket *socket =
		mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	_Alignas(struct nlmsghdr) char buffer[DUMP_SIZE];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	struct tcmsg *traffic = mnl_nlmsg_put_extra_header(message, sizeof(*traffic));
	int r = MNL_CB_OK;

	*ret_chain = (struct chain){.ifindex = ifindex};
	if (!socket || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	message->nlmsg_type = RTM_GETTFILTER;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	traffic->tcm_family = AF_UNSPEC;
	traffic->tcm_ifindex = ifindex;
	traffic->tcm_parent = TC_H_MAKE(
		TC_H_CLSACT, direction == DIRECTION_INGRESS ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS);
	if (mnl_socket_sendto(socket, message, message->nlmsg_len) < 0)
		return -errno;
	while (r == MNL_CB_OK) {
		ssize_t size = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));

		if (size < 0)
			return -errno;
		r = mnl_cb_run(buffer, (size_t)size, 0, mnl_socket_get_portid(socket),
			       classifier_seen, ret_chain);
	}
	return r < 0 ? -errno : 0;
}

struct classifier {
	const char *kind;
	uint32_t chain, program;
};

static int option_read(const struct nlattr *attribute, void *data)
{
	struct classifier *classifier = data;

	if (mnl_attr_get_type(attribute) == TCA_BPF_ID)
		classifier->program = mnl_attr_get_u32(attribute);
	return MNL_CB_OK;
}

/* The kind comes before its options. */
static int attribute_read(const struct nlattr *attribute, void *data)
{
	struct classifier *classifier = data;

	switch (mnl_attr_get_type(attribute)) {
	case TCA_KIND:
		classifier->kind = mnl_attr_get_str(attribute);
		break;
	case TCA_CHAIN:
		classifier->chain = mnl_attr_get_u32(attribute);
		break;
	case TCA_OPTIONS:
		if (strcmp(classifier->kind, "bpf") == 0)
			return mnl_attr_parse_nested(attribute, option_read, classifier);
		break;
	default:
		break;
	}
	return MNL_CB_OK;
}

/* They are told in the order in which packets meet them.  Each priority is told once without handle before; and chains
 * other than the first are entered only by way of a classifier in it. */
static int classifier_seen(const struct nlmsghdr *message, void *data)
{
	const struct tcmsg *traffic = mnl_nlmsg_get_payload(message);
	uint32_t priority = TC_H_MAJ(traffic->tcm_info) >> 16;
	struct classifier classifier = {.kind = ""};
	struct chain *chain = data;

	if (message->nlmsg_type != RTM_NEWTFILTER || traffic->tcm_ifindex != chain->ifindex)
		return MNL_CB_OK;
	chain->count++;
	if (mnl_attr_parse(message, sizeof(*traffic), attribute_read, &classifier) < 0)
		return MNL_CB_ERROR;
	if (traffic->tcm_handle == 0 || classifier.chain != 0)
		return MNL_CB_OK;
	if (traffic->tcm_handle == CLASSIFIER_HANDLE && strcmp(classifier.kind, "bpf") == 0) {
		chain->ours = priority;
		chain->program = classifier.program;
		chain->behind = chain->first != 0;
	} else if (chain->first == 0) {
		chain->first = priority;
	}
	return MNL_CB_OK;
}

static enum bpf_tc_attach_point attach_point(enum direction direction)
{
	return direction == DIRECTION_INGRESS ? BPF_TC_INGRESS : BPF_TC_EGRESS;
}

/* Returns 0, -EINVAL when the priority is for others, or another fault. */
static int classifier_attach(int ifindex, enum direction direction, int program, uint32_t priority)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = attach_point(direction));
	LIBBPF_OPTS(bpf_tc_opts, wanted, .handle = CLASSIFIER_HANDLE, .priority = priority,
		    .prog_fd = program, .flags = BPF_TC_F_REPLACE);

	return bpf_tc_attach(&hook, &wanted);
}

static int classifier_detach(int ifindex, enum direction direction, uint32_t priority)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = attach_point(direction));
	LIBBPF_OPTS(bpf_tc_opts, ours, .handle = CLASSIFIER_HANDLE, .priority = priority);

	return bpf_tc_detach(&hook, &ours);
}

/* At the first priority that others leave us. */
static int classifier_add(int ifindex, enum direction direction, int program)
{
	uint32_t priority = 0;
	int r;

	do
		r = classifier_attach(ifindex, direction, program, ++priority);
	while (r == -EINVAL && priority < PRIORITY_MAX);
	return r;
}

/* In doubt it is. */
static bool device_is_up(int ifindex)
{
	_cleanup_close_ int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq device = {};

	return descriptor < 0 || !if_indextoname((unsigned int)ifindex, device.ifr_name) ||
	       ioctl(descriptor, SIOCGIFFLAGS, &device) < 0 || (device.ifr_flags & IFF_UP);
}

static int qdisc_remove_if_empty(int ifindex)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex,
		    .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS);

	for (enum direction direction = 0; direction < DIRECTION_COUNT; direction++) {
		struct chain chain;
		int r = chain_read(ifindex, direction, &chain);

		if (r < 0 || chain.count > 0)
			return r;
	}
	return bpf_tc_hook_destroy(&hook);
}
