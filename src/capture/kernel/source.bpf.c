// SPDX-License-Identifier: Apache-2.0
/* The program on every source, once for each way through the device.  One serves all devices: what to do with a
 * packet is found by the device's index.
 *
 * A packet is seen at its source, offered to the source's sessions by number, kept or left by each filter, and copied for
 * the session that takes it.  The program only reads: whatever happens here, the packet goes on as it came. */
#include "capture/kernel/exclude.bpf.h"
#include "capture/kernel/filter.bpf.h"
#include "capture/kernel/packet.bpf.h"
#include "capture/kernel/ring.bpf.h"
#include "capture/kernel/session.bpf.h"
#include "capture/kernel/tables.bpf.h"

/* TC_ACT_UNSPEC of classifiers and TCX_NEXT of tcx: whoever comes next decides. */
#define GO_ON (-1)

/* The number of a device's list among those of crowded devices.  A function of its own, since hardly any is. */
__noinline int source_find_crowded(__u32 ifindex)
{
	const __u32 *number = bpf_map_lookup_elem(&sources_crowded, &ifindex);

	return number ? (int)*number : -1;
}

static __always_inline const struct map_source *source_find(__u32 ifindex)
{
	__u32 place = ifindex % MAP_SOURCE_PLACES, number;
	const volatile __u64 *word = bpf_map_lookup_elem(&places, &place);
	const struct map_source *source;
	__u64 found = word ? *word : 0;

	if ((__u32)found == ifindex)
		number = MAP_PLACE_LIST(found);
	else if (found & MAP_PLACE_CROWDED)
		number = (__u32)source_find_crowded(ifindex);
	else
		return NULL;
	source = bpf_map_lookup_elem(&lists, &number);
	return source && source->ifindex == ifindex ? source : NULL;
}

/* A packet that was taken, on its way to the sessions behind. */
struct offer {
	struct __sk_buff *skb;
	const struct map_source *source;
	struct scratch *scratch;
	__u32 direction, platform_dns;
	__u32 next; /* The place of the session to be asked first. */
};

/* A callback of bpf_loop(): 1 ends it. */
static long offer_next(__u32 index, struct offer *offer)
{
	struct scratch *scratch = offer->scratch;

	(void)index;
	offer->next = session_choose_next(offer->source, scratch, offer->direction,
					  offer->platform_dns, offer->next);
	if (!offer->next)
		return 1;
	ring_take(offer->skb, scratch, offer->direction);
	return !(scratch->taker.flags & MAP_SESSION_CONTINUES);
}

/* A function of its own, since the stack it needs would cost every packet.  It finds the scratch space by itself, because
 * what a function is given is, for Linux 6.1, no memory to look up keys from. */
__noinline int offer_continue(struct __sk_buff *skb, const struct map_source *source,
			      __u32 direction, __u32 next)
{
	struct scratch *scratch = scratch_get();
	struct offer offer = {skb, source, scratch, direction, 0, next};

	if (!source || !scratch)
		return 0;
	offer.platform_dns = packet_is_platform_dns(scratch);
	return (int)bpf_loop(MAP_SOURCE_SESSIONS, offer_next, &offer, 0);
}

static __always_inline void source_watch(struct __sk_buff *skb, __u32 device_direction)
{
	const struct map_source *source = source_find(skb->ifindex);
	struct scratch *scratch;
	__u32 direction, place;
	struct packet *packet;

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
	place = session_choose(source, scratch, direction, packet_is_platform_dns(scratch));
	/* The appliances are asked last: it costs a look-up, which only packets that would be copied should pay. */
	if (!place || packet_is_to_appliance(scratch) || packet_is_about_appliance(skb, scratch))
		return;
	ring_take(skb, scratch, direction);
	if (scratch->taker.flags & MAP_SESSION_CONTINUES)
		offer_continue(skb, source, direction, place);
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
