// SPDX-License-Identifier: Apache-2.0
/* Attaching by tcx (Linux 6.6): a link per device and direction, kept alive by its pin.
 *
 * The program goes to the head of the chain in both directions, and back there when somebody got before it: whoever
 * comes first may end the chain, so only the head sees everything.  It keeps nothing from the others.  libbpf 1.1 does not know tcx, so the system call is made here. */
#include "capture/attach.h"
#include "capture/pins.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <sys/syscall.h>

/* <linux/bpf.h> of the oldest system we build on does not have these. */
#define TCX_INGRESS        46 /* enum bpf_attach_type */
#define TCX_EGRESS         47
#define TCX_BEFORE         (1u << 3) /* BPF_F_BEFORE; with no other program named, before all. */
#define IFINDEX_IMPOSSIBLE 0x7fffffff

/* The part of union bpf_attr that BPF_LINK_CREATE reads for tcx. */
struct tcx_link_create {
	uint32_t program;
	uint32_t ifindex;
	uint32_t attach_type;
	uint32_t flags;
	uint32_t relative;
	uint32_t reserved;
	uint64_t expected_revision;
};

/* The part of union bpf_attr that BPF_PROG_QUERY reads and writes. */
struct tcx_query {
	uint32_t ifindex;
	uint32_t attach_type;
	uint32_t query_flags, attach_flags;
	uint64_t programs; /* Address of an array of ids. */
	uint32_t count;
	uint32_t reserved;
	uint64_t program_flags, links, link_flags, revision;
};

static uint32_t attach_type(enum direction direction)
{
	return direction == DIRECTION_INGRESS ? TCX_INGRESS : TCX_EGRESS;
}

static int link_create(int program, int ifindex, enum direction direction)
{
	struct tcx_link_create attributes = {
		.program = (uint32_t)program,
		.ifindex = (uint32_t)ifindex,
		.attach_type = attach_type(direction),
		.flags = TCX_BEFORE,
	};
	long link = syscall(__NR_bpf, BPF_LINK_CREATE, &attributes, sizeof(attributes));

	return link < 0 ? -errno : (int)link;
}

/* A kernel with tcx looks for the device; one without does not know the attach type. */
bool tcx_is_available(int program)
{
	_cleanup_close_ int link = link_create(program, IFINDEX_IMPOSSIBLE, DIRECTION_INGRESS);

	return link == -ENODEV || link >= 0;
}

static int program_id(int program, uint32_t *ret_id)
{
	struct bpf_prog_info info = {};
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(program, &info, &size) < 0)
		return -errno;
	*ret_id = info.id;
	return 0;
}

/* Whether the chain begins with the program of this id; also true when the kernel does not say. */
static bool program_is_first(int ifindex, enum direction direction, uint32_t id)
{
	uint32_t first = 0;
	struct tcx_query query = {
		.ifindex = (uint32_t)ifindex,
		.attach_type = attach_type(direction),
		.programs = (uintptr_t)&first,
		.count = 1,
	};

	/* Of a longer chain we get the first and ENOSPC. */
	if (syscall(__NR_bpf, BPF_PROG_QUERY, &query, sizeof(query)) < 0 && errno != ENOSPC)
		return true;
	return first == id;
}

/* Puts 'program' into a link that lives on the device.  Returns 0, -ENOENT if the link is dead or no longer the first,
 * or a fault.  The kernel tells a tcx link's device at the same place as an XDP link's, and 0 once the device is gone. */
static int link_refresh(int link, int ifindex, enum direction direction, int program)
{
	struct bpf_link_info info = {};
	uint32_t size = sizeof(info), wanted = 0;
	int r = program_id(program, &wanted);

	if (r < 0)
		return r;
	if (bpf_obj_get_info_by_fd(link, &info, &size) < 0)
		return -errno;
	if (info.xdp.ifindex != (uint32_t)ifindex ||
	    !program_is_first(ifindex, direction, info.prog_id))
		return -ENOENT;
	if (info.prog_id == wanted)
		return 0;
	return bpf_link_update(link, program, NULL) < 0 ? -errno : 0;
}

static int tcx_ensure(const char *layout, int ifindex, enum direction direction, int program,
		      uint32_t *ret_flags)
{
	_cleanup_close_ int link = -1;
	char path[PINS_ENTRY_SIZE];
	int r;

	(void)ret_flags;
	pins_link_path(layout, ifindex, direction, path);
	link = bpf_obj_get(path);
	if (link >= 0) {
		r = link_refresh(link, ifindex, direction, program);
		if (r != -ENOENT)
			return r;
		if (unlink(path) < 0 && errno != ENOENT)
			return -errno;
		closep(&link);
	}
	link = link_create(program, ifindex, direction);
	if (link < 0)
		return link;
	return bpf_obj_pin(link, path) < 0 ? -errno : 0;
}

/* A link without pin and descriptor lets go by itself. */
static int tcx_remove(const char *layout, int ifindex, uint32_t flags)
{
	(void)flags;
	for (enum direction direction = 0; direction < DIRECTION_COUNT; direction++) {
		char path[PINS_ENTRY_SIZE];

		pins_link_path(layout, ifindex, direction, path);
		if (unlink(path) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}

const struct attach_way attach_tcx = {
	.name = CAPTURE_ATTACH_TCX,
	.flags = 0,
	.ensure = tcx_ensure,
	.remove = tcx_remove,
};
