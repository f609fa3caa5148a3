/* What a host's nftables do with a packet that it sends, as far as can be told from 'nft -j list ruleset'.
 *
 * The hard idea is to stay honest: a rule is only judged by what is understood of it.  One that may match and may drop makes
 * the answer "may drop"; nothing is guessed away. */
#pragma once

#include "base/address.h"

#include <jansson.h>

struct nft_packet { /* UDP. */
	struct address destination;
	uint16_t port;
	const char *device; /* It leaves by. */
};

enum nft_answer {
	NFT_PASSES,
	NFT_MAY_DROP,
	NFT_DROPS,
};

/* The chain at a hook that drops the packet, or may. */
struct nft_culprit {
	char family[8], table[64], chain[64];
};

enum nft_answer nft_judge(const json_t *ruleset, const struct nft_packet *packet,
			  struct nft_culprit *ret_culprit);
