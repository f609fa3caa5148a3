// SPDX-License-Identifier: Apache-2.0
/* Wraps super-packets that leave a device into a tunnel, for a test: what the kernel's tunnel devices do, without there
 * having to be such devices in this kernel.  The kernel is told of the tunnel, and cuts what comes out of here. */
#include "ship/tunnel_example.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_helpers.h>

#define GO_ON (-1)

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tunnel_example);
} tunnels SEC(".maps");

SEC("tc")
int tunnel_wrap(struct __sk_buff *skb)
{
	__u32 first = 0;
	struct tunnel_example *tunnel = bpf_map_lookup_elem(&tunnels, &first);
	__u64 size;

	if (!tunnel || !skb->gso_size)
		return GO_ON;
	size = tunnel->size;
	if (size == 0 || size > sizeof(tunnel->headers))
		return GO_ON;
	if (bpf_skb_adjust_room(skb, (__s32)size, BPF_ADJ_ROOM_MAC, tunnel->flags) ||
	    bpf_skb_store_bytes(skb, ETH_HLEN, tunnel->headers, size, 0) ||
	    bpf_skb_store_bytes(skb, ETH_HLEN - sizeof(tunnel->type), &tunnel->type,
				sizeof(tunnel->type), 0))
		return 2; /* TC_ACT_SHOT: the test misses the packet. */
	return GO_ON;
}

char program_license[] SEC("license") = "Apache-2.0";
