// SPDX-License-Identifier: Apache-2.0
/* Counts copies at the sensor as they come off the wire, packet by packet, and drops them: the cheapest appliance that
 * still looks at every packet, the same for every contender. */
#include "bench/sensor.h"
#include "wire/vxlan.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define STAMP_MAGIC 0x6d6f7272696d7274ULL /* As in bench/load.h. */

/* Outer and inner headers as all contenders write them: IPv4 without options, VXLAN. */
struct wrapped {
	struct ethhdr outer_ethernet;
	struct iphdr outer_ip;
	struct udphdr outer_udp;
	struct vxlan_header vxlan;
	struct ethhdr ethernet;
	struct iphdr ip;
} __attribute__((packed));

struct datagram {
	struct udphdr udp;
	__u64 magic, time;
} __attribute__((packed));

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sensor_counts);
} counts SEC(".maps");

/* Copies by VNI; only where 'by_vni' asks for it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SENSOR_VNIS);
	__type(key, __u32);
	__type(value, __u64);
} vnis SEC(".maps");

/* Copies by appliance; only where 'by_appliance' asks for it. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SENSOR_APPLIANCES);
	__type(key, __u32);
	__type(value, __u64);
} appliances SEC(".maps");

const volatile __u32 by_vni = 0, by_appliance = 0;

static __always_inline __u32 bucket_of(__u64 nanoseconds)
{
	__u64 value = nanoseconds;
	__u32 power = 0;

	for (__u32 step = 32; step > 0; step /= 2)
		if (value >> step) {
			value >>= step;
			power += step;
		}
	if (power < 3)
		return power * 8;
	return power * 8 + ((nanoseconds >> (power - 3)) & 7);
}

static __always_inline void datagram_note(struct __sk_buff *skb, struct sensor_counts *sum)
{
	struct datagram datagram;
	__u64 now = bpf_ktime_get_ns();
	__u32 bucket;

	if (bpf_skb_load_bytes(skb, sizeof(struct wrapped), &datagram, sizeof(datagram)) < 0 ||
	    datagram.magic != STAMP_MAGIC)
		return;
	sum->stamped++;
	sum->first += datagram.udp.dest == bpf_htons(SENSOR_PORT_FIRST);
	bucket = bucket_of(now > datagram.time ? now - datagram.time : 0);
	if (bucket < SENSOR_BUCKETS)
		sum->latency[bucket]++;
}

static __always_inline void segment_note(struct __sk_buff *skb, __u32 ip_size,
					 struct sensor_counts *sum)
{
	struct tcphdr tcp;
	__u32 headers;

	if (bpf_skb_load_bytes(skb, sizeof(struct wrapped), &tcp, sizeof(tcp)) < 0)
		return;
	headers = sizeof(struct iphdr) + tcp.doff * 4u;
	if (ip_size > headers)
		sum->streamed += ip_size - headers;
}

static __always_inline void number_note(void *map, __u32 number)
{
	__u64 *count = bpf_map_lookup_elem(map, &number);

	if (count)
		(*count)++;
}

SEC("tc")
int sensor_count(struct __sk_buff *skb)
{
	struct sensor_counts *sum;
	struct wrapped wrapped;
	__u32 key = 0, size;

	if (bpf_skb_load_bytes(skb, 0, &wrapped, sizeof(wrapped)) < 0 ||
	    wrapped.outer_ethernet.h_proto != bpf_htons(ETH_P_IP) ||
	    wrapped.outer_ip.protocol != IPPROTO_UDP ||
	    wrapped.outer_udp.dest != bpf_htons(VXLAN_PORT))
		return TC_ACT_OK;
	sum = bpf_map_lookup_elem(&counts, &key);
	if (!sum)
		return TC_ACT_OK;
	size = skb->len - __builtin_offsetof(struct wrapped, ethernet);
	sum->packets++;
	sum->bytes += size;
	sum->oversized += size > SENSOR_FRAME_MAX;
	if (by_vni)
		number_note(&vnis, bpf_ntohl(wrapped.vxlan.vni) >> 8);
	if (by_appliance)
		number_note(&appliances, bpf_ntohl(wrapped.outer_ip.daddr) & 0xff);
	if (wrapped.ethernet.h_proto != bpf_htons(ETH_P_IP))
		return TC_ACT_SHOT;
	if (wrapped.ip.protocol == IPPROTO_UDP)
		datagram_note(skb, sum);
	else if (wrapped.ip.protocol == IPPROTO_TCP)
		segment_note(skb, bpf_ntohs(wrapped.ip.tot_len), sum);
	return TC_ACT_SHOT;
}

char _license[] SEC("license") = "Apache-2.0";
