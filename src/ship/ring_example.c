// SPDX-License-Identifier: Apache-2.0
#include "ship/ring_example.h"

#include "base/cleanup.h"
#include "base/count.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>

#define INSTRUCTION(operation, destination, source, displacement, immediate) \
	((struct bpf_insn){.code = (operation),                              \
			   .dst_reg = (destination),                         \
			   .src_reg = (source),                              \
			   .off = (displacement),                            \
			   .imm = (immediate)})
#define MOVE(destination, source) \
	INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_X, destination, source, 0, 0)
#define SET(destination, value) INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_K, destination, 0, 0, value)
#define MAP(destination, map)                                                           \
	INSTRUCTION(BPF_LD | BPF_DW | BPF_IMM, destination, BPF_PSEUDO_MAP_FD, 0, map), \
		INSTRUCTION(0, 0, 0, 0, 0)
#define CALL(function) INSTRUCTION(BPF_JMP | BPF_CALL, 0, 0, 0, function)
#define JUMP(condition, register, value, instructions) \
	INSTRUCTION(BPF_JMP | (condition) | BPF_K, register, 0, instructions, (int)(value))
#define EXIT INSTRUCTION(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static int program_load(int bell)
{
	const struct bpf_insn instructions[] = {
		MAP(BPF_REG_1, bell),
		SET(BPF_REG_2, 8),
		SET(BPF_REG_3, 0),
		CALL(BPF_FUNC_ringbuf_reserve),
		JUMP(BPF_JEQ, BPF_REG_0, 0, 3),
		MOVE(BPF_REG_1, BPF_REG_0),
		SET(BPF_REG_2, BPF_RB_FORCE_WAKEUP),
		CALL(BPF_FUNC_ringbuf_discard),
		SET(BPF_REG_0, 0),
		EXIT,
	};
	int descriptor = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "ring_example", "GPL", instructions,
				       ARRAY_SIZE(instructions), NULL);

	return descriptor < 0 ? -errno : descriptor;
}

int ring_example_open(uint32_t size, struct ring_example *ret_ring)
{
	*ret_ring = (struct ring_example){.bell = -1, .program = -1};
	ring_memory_open(size, &ret_ring->memory);
	ret_ring->bell = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "bell", 0, 0,
					(uint32_t)sysconf(_SC_PAGESIZE), NULL);
	if (ret_ring->bell < 0)
		return -errno;
	ret_ring->program = program_load(ret_ring->bell);
	return ret_ring->program < 0 ? ret_ring->program : 0;
}

void ring_example_close(struct ring_example *ring)
{
	closep(&ring->program);
	closep(&ring->bell);
	ring_memory_close(&ring->memory);
}

bool ring_example_write(struct ring_example *ring, const struct frame_example *frame)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	uint8_t packet[64] = {};

	if (!ring_memory_write(&ring->memory, &frame->record))
		return false;
	if (!__atomic_exchange_n(&ring->memory.head->wanted, 0, __ATOMIC_SEQ_CST))
		return true;
	run.data_in = packet;
	run.data_size_in = sizeof(packet);
	ring->woken++;
	return bpf_prog_test_run_opts(ring->program, &run) == 0;
}

struct ship_ring ring_example_get(struct ring_example *ring)
{
	return (struct ship_ring){
		.data = ring->memory.file,
		.bell = ring->bell,
		.size = ring->memory.size,
		.head = ring->memory.head,
	};
}
