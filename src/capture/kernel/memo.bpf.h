/* What filters answered lately: the packets of a flow ask the same, and are answered the same.
 *
 * Each CPU has a table of memos, and a question has one place in it.  A memo is of one state of a filter, known by a word that
 * no other state ever has (wire/maps.h): who replaces a filter has all of its memos forgotten at once.
 *
 * Where hardly a packet is like one before, looking and noting would only be work.  So each CPU keeps an account of how often
 * a memo was there.  While that is seldom, only one question in thirty-two may have memos, chosen by its hash: then all packets
 * of such a flow are among them, and tell when it pays again.
 *
 * One run may find another of the same CPU at work on a memo, should the kernel ever let it.  Hence a memo is taken by an
 * exchange, and read between two looks at its version: whoever came in between is noticed.
 *
 * Also compiled for the host, where unit tests ask it. */
#pragma once

#include "wire/classifier.h"
#include "wire/maps.h"

#ifdef __bpf__
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>
#endif

#define MEMO_COUNT 4096          /* For each CPU: 256 KiB. */
#define MEMO_SHIFT 52            /* The upper bits of a hash are the place of its memo; */
#define MEMO_FEW   (31ULL << 40) /* these are zero in one of thirty-two. */
#define MEMO_BUSY  1             /* A version is even. */

/* An account grows by TRUST_GAIN with each memo that was there, and shrinks by one with each that was not.  It pays to look from
 * one in three on.  It takes a thousand misses in a row to lose all trust, so that a filter that is replaced, or a thousand
 * new flows, do not. */
#define TRUST_MOST  1024
#define TRUST_LEAST 128
#define TRUST_GAIN  2

struct memo {
	__u64 version;
	__u64 filter;                    /* The word of its state. */
	__u64 lanes;                     /* Their info is the answer. */
	__u64 others;                    /* Of the key: family, and more if rules ask for it. */
	__u64 source[2], destination[2]; /* Of IPv4, source[0] is both. */
};

struct memos {
	__u64 trust;
	__u64 reserved[7];
	struct memo list[MEMO_COUNT];
};

_Static_assert(sizeof(struct memo) == 64, "a cache line each");
_Static_assert(MEMO_COUNT == 1 << (64 - MEMO_SHIFT), "every hash has a place");
_Static_assert(INFO_NONE <= LANES_INFO, "lanes have room for an answer");

/* Keeps the compiler from moving loads and stores across. */
#define memo_barrier() asm volatile("" ::: "memory")

static __always_inline __u64 memo_hash(__u64 filter, bool is_ipv4, const struct classifier_key *key)
{
	__u64 hash = filter * 0x9e3779b97f4a7c15 + key->lanes * 0xbf58476d1ce4e5b9 +
		     key->source[0] * 0xd6e8feb86659fd93;

	if (!is_ipv4)
		hash += key->source[1] * 0x94d049bb133111eb +
			key->destination[0] * 0xff51afd7ed558ccd +
			key->destination[1] * 0xc4ceb9fe1a85ec53;
	return hash;
}

/* Whether a question with this hash may have a memo at present. */
static __always_inline bool memos_serve(const struct memos *memos, __u64 hash)
{
	return memos->trust >= TRUST_LEAST || !(hash & MEMO_FEW);
}

static __always_inline struct memo *memo_at(struct memos *memos, __u64 hash)
{
	return &memos->list[hash >> MEMO_SHIFT];
}

/* Family, and what rules ask beyond addresses and lanes. */
static __always_inline __u64 memo_others(__u64 filter, const struct classifier_key *key)
{
	return (filter & MAP_FILTER_MORE ? (__u64)key->more << 32 : 0) | key->family;
}

static __always_inline __u64 memo_differs(const struct memo *memo, __u64 filter, bool is_ipv4,
					  const struct classifier_key *key)
{
	__u64 differs = (memo->filter ^ filter) | (memo->others ^ memo_others(filter, key)) |
			(memo->source[0] ^ key->source[0]);

	if (!is_ipv4)
		differs |= (memo->source[1] ^ key->source[1]) |
			   (memo->destination[0] ^ key->destination[0]) |
			   (memo->destination[1] ^ key->destination[1]);
	return differs;
}

/* Returns the answer that was noted, or INFO_GO_ON, and keeps the account. */
static __always_inline __u32 memo_find(struct memos *memos, __u64 hash, __u64 filter, bool is_ipv4,
				       const struct classifier_key *key)
{
	const struct memo *memo = memo_at(memos, hash);
	__u64 version = *(volatile const __u64 *)&memo->version, lanes, differs;

	memo_barrier();
	lanes = *(volatile const __u64 *)&memo->lanes;
	differs = memo_differs(memo, filter, is_ipv4, key) | ((lanes ^ key->lanes) & ~LANES_INFO);
	memo_barrier();
	differs |= (version & MEMO_BUSY) | (version ^ *(volatile const __u64 *)&memo->version);
	if (differs) {
		if (memos->trust > 0)
			memos->trust--;
		return INFO_GO_ON;
	}
	if (memos->trust < TRUST_MOST)
		memos->trust += TRUST_GAIN;
	return (__u32)lanes & INFO_NONE;
}

/* Nothing is noted where another run is at it. */
static __always_inline void memo_write(struct memos *memos, __u64 hash, __u64 filter, bool is_ipv4,
				       const struct classifier_key *key, __u32 answer)
{
	struct memo *memo = memo_at(memos, hash);
	__u64 version = __sync_lock_test_and_set(&memo->version, MEMO_BUSY);

	if (version & MEMO_BUSY)
		return;
	memo_barrier();
	memo->filter = filter;
	memo->lanes = key->lanes | answer;
	memo->others = memo_others(filter, key);
	memo->source[0] = key->source[0];
	if (!is_ipv4) {
		memo->source[1] = key->source[1];
		memo->destination[0] = key->destination[0];
		memo->destination[1] = key->destination[1];
	}
	memo_barrier();
	*(volatile __u64 *)&memo->version = version + 2;
}
