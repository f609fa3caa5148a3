// SPDX-License-Identifier: Apache-2.0
/* Attaching by tcx (Linux 6.6): a link per device and direction, kept alive by its pin.
 *
 * The program goes to the head of the chain in both directions, and back there when somebody got before it: whoever
 * comes first may end the chain, so only the head sees everything.  It keeps nothing from the others.
 *
 * The hard part is going back.  A link cannot be moved, a program cannot be in a chain twice, and giving a link up waits
 * for a grace period.  So the old link gets a program that does nothing, which is a mere exchange; then a new link is
 * made at the head; and only then the old one is given up.  What passes in the few microseconds between the first two
 * is not seen.
 *
 * libbpf 1.1 does not know tcx, so the system calls are made here. */
#include "capture/attach.h"
#include "capture/pins.h"

#include "base/clock.h"
#include "base/count.h"

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
#define CHAIN_MAX          64 /* Programs in a chain, as the kernel has it. */

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

static int link_create(int program, int ifindex, enum direction direction);
static int link_move(const struct attachments *attachments, int link, int ifindex,
		     enum direction direction);
static int link_find(int ifindex, enum direction direction, uint32_t link, uint32_t program);
static int chain_query(int ifindex, enum direction direction, uint32_t *programs, uint32_t *links,
		       uint32_t room, uint32_t *ret_count);
static int link_info(int link, struct bpf_link_info *ret_info);
static int link_keep(int link, const char *path, uint32_t *ret_id);

/* A kernel with tcx looks for the device; one without does not know the attach type. */
bool tcx_is_available(int program)
{
	_cleanup_close_ int link = link_create(program, IFINDEX_IMPOSSIBLE, DIRECTION_INGRESS);

	return link == -ENODEV || link >= 0;
}

int tcx_load_placeholder(int *ret_program)
{
	const struct bpf_insn instructions[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K,
		 .dst_reg = BPF_REG_0,
		 .imm = -1}, /* TCX_NEXT */
		{.code = BPF_JMP | BPF_EXIT},
	};
	int program = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "tmirror_nothing", "Apache-2.0",
				    instructions, ARRAY_SIZE(instructions), NULL);

	if (program < 0)
		return -errno;
	*ret_program = program;
	return 0;
}

static int tcx_look(const struct attachments *attachments, const struct attachment *attachment,
		    enum direction direction)
{
	return link_find(attachment->ifindex, direction, attachment->links[direction],
			 attachments->program_ids[direction]);
}

/* The kernel tells a tcx link's device at the same place as an XDP link's, and 0 once the link is dead. */
static int tcx_take(const struct attachments *attachments, struct attachment *attachment,
		    enum direction direction, uint32_t *ret_flags)
{
	int ifindex = attachment->ifindex, program = attachments->programs[direction];
	int place = CAPTURE_GONE, r;
	_cleanup_close_ int old = -1, new = -1;
	struct bpf_link_info info = {};
	char path[PINS_ENTRY_SIZE];

	(void)ret_flags;
	pins_link_path(attachments->layout, ifindex, direction, path);
	old = bpf_obj_get(path);
	r = old >= 0 ? link_info(old, &info) : 0;
	if (r < 0)
		return r;
	if (info.xdp.ifindex == (uint32_t)ifindex) {
		place = link_find(ifindex, direction, info.id, info.prog_id);
		if (place < 0)
			return place;
		attachment->links[direction] = info.id;
	}
	if (place == CAPTURE_FIRST) {
		if (attachment->taken && info.prog_id != attachments->program_ids[direction])
			place = CAPTURE_GONE; /* Somebody put a program of theirs into our link. */
		return bpf_link_update(old, program, NULL) < 0 ? -errno : place;
	}
	new = place == CAPTURE_OVERTAKEN ? link_move(attachments, old, ifindex, direction)
					 : link_create(program, ifindex, direction);
	if (new < 0)
		return new;
	r = link_keep(new, path, &attachment->links[direction]);
	return r < 0 ? r : place;
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

/* Nothing tells of a change, so this is short. */
const struct attach_way attach_tcx = {
	.name = CAPTURE_ATTACH_TCX,
	.flags = 0,
	.interval = 250 * NSEC_PER_MSEC,
	.look = tcx_look,
	.take = tcx_take,
	.remove = tcx_remove,
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

/* Makes a new link at the head and leaves 'link' with a program that does nothing.  Without the new link, the old one
 * goes on where it was. */
static int link_move(const struct attachments *attachments, int link, int ifindex,
		     enum direction direction)
{
	int program = attachments->programs[direction], new;

	if (bpf_link_update(link, attachments->placeholder, NULL) < 0)
		return -errno;
	new = link_create(program, ifindex, direction);
	if (new < 0)
		(void)bpf_link_update(link, program, NULL);
	return new;
}

/* Where in the chain a link is; gone, if another program is in it.  The first is asked for alone, since it ought to be
 * ours. */
static int link_find(int ifindex, enum direction direction, uint32_t link, uint32_t program)
{
	uint32_t programs[CHAIN_MAX], links[CHAIN_MAX], count = 0;
	int r = chain_query(ifindex, direction, programs, links, 1, &count);

	if (r < 0)
		return r;
	if (count > 0 && links[0] == link)
		return programs[0] == program ? CAPTURE_FIRST : CAPTURE_GONE;
	r = chain_query(ifindex, direction, programs, links, CHAIN_MAX, &count);
	for (uint32_t i = 0; r == 0 && i < count; i++)
		if (links[i] == link)
			return programs[i] == program ? CAPTURE_OVERTAKEN : CAPTURE_GONE;
	return r < 0 ? r : CAPTURE_GONE;
}

/* The ids of the first programs in a chain and of their links, 0 for programs without. */
static int chain_query(int ifindex, enum direction direction, uint32_t *programs, uint32_t *links,
		       uint32_t room, uint32_t *ret_count)
{
	struct tcx_query query = {
		.ifindex = (uint32_t)ifindex,
		.attach_type = attach_type(direction),
		.programs = (uintptr_t)programs,
		.links = (uintptr_t)links,
		.count = room,
	};
	int r = syscall(__NR_bpf, BPF_PROG_QUERY, &query, sizeof(query)) < 0 ? -errno : 0;

	/* Of a longer chain we get the beginning; where there never was one, Linux 6.6 says so. */
	if (r < 0 && r != -ENOSPC && r != -ENOENT)
		return r;
	*ret_count = r == -ENOENT ? 0 : MIN(query.count, room);
	return 0;
}

static int link_info(int link, struct bpf_link_info *ret_info)
{
	struct bpf_link_info info = {};
	uint32_t size = sizeof(info);

	if (bpf_obj_get_info_by_fd(link, &info, &size) < 0)
		return -errno;
	*ret_info = info;
	return 0;
}

/* Pins a link in the place of whatever is there. */
static int link_keep(int link, const char *path, uint32_t *ret_id)
{
	struct bpf_link_info info = {};
	int r = link_info(link, &info);

	if (r < 0)
		return r;
	if ((unlink(path) < 0 && errno != ENOENT) || bpf_obj_pin(link, path) < 0)
		return -errno;
	*ret_id = info.id;
	return 0;
}
