// SPDX-License-Identifier: Apache-2.0
/* Programs that ask a filter about a whole trace in one run, so that what starting a run costs is not counted, and one that
 * feeds the trace to a device, for other filters to be measured there.
 *
 * The filter is asked as the program on a source asks it (capture/kernel/filter.bpf.h): found by its index, in the size
 * class where it lies. */
#include "classify.h"

#include "capture/kernel/filter.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, TRACE_LENGTH);
	__type(key, __u32);
	__type(value, struct trace_packet);
} trace SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, TRACE_LENGTH);
	__type(key, __u32);
	__type(value, struct trace_frame);
} frames SEC(".maps");

__u64 wrong = 0;    /* Answers that are not those of the trace. */
__u32 next_fed = 0; /* Place in the trace. */

struct loop {
	__u64 wrong;
};

static long packet_ask(__u32 index, struct loop *loop)
{
	const struct trace_packet *packet = bpf_map_lookup_elem(&trace, &index);

	if (!packet)
		return 1;
	loop->wrong += filter_ask(DIRECTION_INGRESS, &packet->key) != packet->answer;
	return 0;
}

/* What the loop costs without asking. */
static long packet_pass(__u32 index, struct loop *loop)
{
	const struct trace_packet *packet = bpf_map_lookup_elem(&trace, &index);

	if (!packet)
		return 1;
	loop->wrong += (packet->key.source[0] ^ packet->key.lanes) == packet->answer;
	return 0;
}

SEC("tc")
int trace_ask(struct __sk_buff *skb)
{
	struct loop loop = {};

	(void)skb;
	bpf_loop(TRACE_LENGTH, packet_ask, &loop, 0);
	wrong = loop.wrong;
	return 0;
}

SEC("tc")
int trace_pass(struct __sk_buff *skb)
{
	struct loop loop = {};

	(void)skb;
	bpf_loop(TRACE_LENGTH, packet_pass, &loop, 0);
	wrong = loop.wrong;
	return 0;
}

/* Every run lets another frame of the trace come in at the device. */
SEC("xdp")
int trace_feed(struct xdp_md *context)
{
	void *begin = (void *)(long)context->data, *end = (void *)(long)context->data_end;
	__u32 place = next_fed++ % TRACE_LENGTH;
	const struct trace_frame *frame = bpf_map_lookup_elem(&frames, &place);

	if (!frame || begin + sizeof(*frame) > end)
		return XDP_ABORTED;
	__builtin_memcpy(begin, frame, sizeof(*frame));
	return XDP_PASS;
}

char program_license[] SEC("license") = "Apache-2.0";
