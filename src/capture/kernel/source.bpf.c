// SPDX-License-Identifier: Apache-2.0
/* The program on every source, once for each way through the device.  One serves all devices: what to do with a
 * packet is found by the device's index.
 *
 * A packet is seen at its source, offered to the source's sessions by number, kept or left by each filter, and
 * copied at most once.  The program only reads: whatever happens here, the packet goes on as it came. */
#include "capture/kernel/exclude.bpf.h"
#include "capture/kernel/filter.bpf.h"
#include "capture/kernel/packet.bpf.h"
#include "capture/kernel/ring.bpf.h"
#include "capture/kernel/session.bpf.h"
#include "capture/kernel/tables.bpf.h"

/* TC_ACT_UNSPEC of classifiers and TCX_NEXT of tcx: whoever comes next decides. */
#define GO_ON (-1)

static __always_inline const struct map_source *source_of(void *list, __u32 ifindex)
{
	const struct map_source *source = list ? map_first(list) : NULL;

	return source && source->ifindex == ifindex ? source : NULL;
}

static __always_inline const struct map_source *source_find(__u32 ifindex)
{
	__u32 place = ifindex % MAP_SOURCE_PLACES;
	const struct map_source *source;

	source = source_of(bpf_map_lookup_elem(&sources, &place), ifindex);
	if (source)
		return source;
	return source_of(bpf_map_lookup_elem(&sources_crowded, &ifindex), ifindex);
}

static __always_inline void source_watch(struct __sk_buff *skb, __u32 device_direction)
{
	const struct map_source *source = source_find(skb->ifindex);
	struct scratch *scratch;
	struct packet *packet;
	__u32 direction;

	if (!source || (own_mark && skb->mark == own_mark))
		return;
	scratch = scratch_get();
	if (!scratch)
		return;
	packet = &scratch->packet;
	if (!packet_parse(skb, packet) || packet_is_excluded(&packet->key))
		return;
	filter_key(&packet->key, &scratch->key);
	direction = source->guest ? !device_direction : device_direction;
	if (!session_choose(source, &scratch->key, direction, packet_is_platform_dns(scratch),
			    &scratch->taker))
		return;
	/* Asked last: it costs a look-up, which only packets that would be copied should pay. */
	if (!packet_is_to_appliance(scratch) && !packet_is_about_appliance(skb, scratch))
		ring_take(skb, scratch, direction);
}

SEC("tc")
int tmirror_ingress(struct __sk_buff *skb)
{
	source_watch(skb, DIRECTION_INGRESS);
	return GO_ON;
}

SEC("tc")
int tmirror_egress(struct __sk_buff *skb)
{
	source_watch(skb, DIRECTION_EGRESS);
	return GO_ON;
}

char program_license[] SEC("license") = "Apache-2.0";
