/* What tunnel_example.bpf.c puts around each super-packet. */
#pragma once

#include <linux/types.h>

struct tunnel_example {
	__u64 flags;       /* Of bpf_skb_adjust_room(). */
	__u32 size;        /* Of the headers; 0: packets go as they are. */
	__be16 type;       /* EtherType of the outer packet. */
	__u8 headers[114]; /* From the outer IP header to the wrapped one. */
};
