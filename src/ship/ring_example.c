// SPDX-License-Identifier: Apache-2.0
#include "ship/ring_example.h"

#include "base/cleanup.h"
#include "base/count.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>

/* The input: how many bytes follow, and the reader's wake-up word. */
struct input_header {
	uint32_t size, wakeup;
	uint64_t reserved;
};

/* What the program returns. */
enum { FAILED, WRITTEN, WRITTEN_AND_WOKEN };

#define INPUT_DATA_SIZE (sizeof(struct frame_example))
#define INPUT_SIZE      ((sizeof(struct input_header) + INPUT_DATA_SIZE + 7) & ~7UL)

#define INSTRUCTION(operation, destination, source, displacement, immediate) \
	((struct bpf_insn){.code = (operation),                              \
			   .dst_reg = (destination),                         \
			   .src_reg = (source),                              \
			   .off = (displacement),                            \
			   .imm = (immediate)})
#define MOVE(destination, source) \
	INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_X, destination, source, 0, 0)
#define SET(destination, value) INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_K, destination, 0, 0, value)
#define ADD(destination, value) INSTRUCTION(BPF_ALU64 | BPF_ADD | BPF_K, destination, 0, 0, value)
#define MAP(destination, map)                                                           \
	INSTRUCTION(BPF_LD | BPF_DW | BPF_IMM, destination, BPF_PSEUDO_MAP_FD, 0, map), \
		INSTRUCTION(0, 0, 0, 0, 0)
#define LOAD(destination, source, offset) \
	INSTRUCTION(BPF_LDX | BPF_W | BPF_MEM, destination, source, offset, 0)
#define STORE(destination, offset, value) \
	INSTRUCTION(BPF_ST | BPF_W | BPF_MEM, destination, 0, offset, value)
#define CALL(function) INSTRUCTION(BPF_JMP | BPF_CALL, 0, 0, 0, function)
#define JUMP(condition, register, value, instructions) \
	INSTRUCTION(BPF_JMP | (condition) | BPF_K, register, 0, instructions, (int)(value))
#define EXIT INSTRUCTION(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static int program_load(int ring, int input)
{
	const struct bpf_insn instructions[] = {
		STORE(BPF_REG_10, -4, 0),
		MAP(BPF_REG_1, input),
		MOVE(BPF_REG_2, BPF_REG_10),
		ADD(BPF_REG_2, -4),
		CALL(BPF_FUNC_map_lookup_elem),
		JUMP(BPF_JNE, BPF_REG_0, 0, 2),
		SET(BPF_REG_0, FAILED),
		EXIT,
		MOVE(BPF_REG_6, BPF_REG_0),
		LOAD(BPF_REG_3, BPF_REG_6, offsetof(struct input_header, size)),
		JUMP(BPF_JLE, BPF_REG_3, INPUT_DATA_SIZE, 2),
		SET(BPF_REG_0, FAILED),
		EXIT,
		/* The record. */
		MAP(BPF_REG_1, ring),
		MOVE(BPF_REG_2, BPF_REG_6),
		ADD(BPF_REG_2, sizeof(struct input_header)),
		SET(BPF_REG_4, BPF_RB_NO_WAKEUP),
		CALL(BPF_FUNC_ringbuf_output),
		JUMP(BPF_JEQ, BPF_REG_0, 0, 2),
		SET(BPF_REG_0, FAILED),
		EXIT,
		/* Take back the reader's wish; unless there was one, all is done. */
		SET(BPF_REG_1, 0),
		INSTRUCTION(BPF_STX | BPF_ATOMIC | BPF_W, BPF_REG_6, BPF_REG_1,
			    offsetof(struct input_header, wakeup), BPF_XCHG),
		JUMP(BPF_JNE, BPF_REG_1, 0, 2),
		SET(BPF_REG_0, WRITTEN),
		EXIT,
		/* Wake the reader, by way of a record that is discarded. */
		MAP(BPF_REG_1, ring),
		SET(BPF_REG_2, 8),
		SET(BPF_REG_3, 0),
		CALL(BPF_FUNC_ringbuf_reserve),
		JUMP(BPF_JEQ, BPF_REG_0, 0, 3),
		MOVE(BPF_REG_1, BPF_REG_0),
		SET(BPF_REG_2, BPF_RB_FORCE_WAKEUP),
		CALL(BPF_FUNC_ringbuf_discard),
		SET(BPF_REG_0, WRITTEN_AND_WOKEN),
		EXIT,
	};
	int descriptor = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "ring_example", "GPL", instructions,
				       ARRAY_SIZE(instructions), NULL);

	return descriptor < 0 ? -errno : descriptor;
}

int ring_example_open(uint32_t size, struct ring_example *ret_ring)
{
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);

	*ret_ring = (struct ring_example){.size = size, .input = -1, .program = -1};
	ret_ring->ring = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, size, NULL);
	if (ret_ring->ring < 0)
		return -errno;
	ret_ring->input = bpf_map_create(BPF_MAP_TYPE_ARRAY, "input", 4, INPUT_SIZE, 1, &options);
	if (ret_ring->input < 0)
		return -errno;
	ret_ring->window =
		mmap(NULL, INPUT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, ret_ring->input, 0);
	if (ret_ring->window == MAP_FAILED)
		return -errno;
	ret_ring->program = program_load(ret_ring->ring, ret_ring->input);
	return ret_ring->program < 0 ? ret_ring->program : 0;
}

void ring_example_close(struct ring_example *ring)
{
	munmap(ring->window, INPUT_SIZE);
	closep(&ring->program);
	closep(&ring->input);
	closep(&ring->ring);
}

bool ring_example_write(struct ring_example *ring, const struct frame_example *frame)
{
	LIBBPF_OPTS(bpf_test_run_opts, run);
	struct input_header *header = (struct input_header *)(void *)ring->window;
	uint8_t packet[64] = {};

	header->size = frame_example_size(frame);
	memcpy(ring->window + sizeof(*header), frame, header->size);
	run.data_in = packet;
	run.data_size_in = sizeof(packet);
	if (bpf_prog_test_run_opts(ring->program, &run) != 0)
		return false;
	ring->woken += run.retval == WRITTEN_AND_WOKEN;
	return run.retval != FAILED;
}

struct ship_ring ring_example_get(struct ring_example *ring)
{
	struct input_header *header = (struct input_header *)(void *)ring->window;

	return (struct ship_ring){
		.descriptor = ring->ring, .size = ring->size, .wakeup = &header->wakeup};
}
