/* The sessions of a source are offered the packet in order; the first whose filter accepts takes it, alone unless it
 * has 'continue': then those behind it are asked as well.  A rejection keeps the packet from that session only. */
#pragma once

#include "capture/kernel/exclude.bpf.h"
#include "capture/kernel/filter.bpf.h"

static __always_inline bool session_accepts(const struct map_session *session,
					    const struct classifier_key *key, __u32 direction,
					    __u32 platform_dns)
{
	if (platform_dns)
		return session->flags & MAP_SESSION_DNS;
	return filter_match(key, session->filter, direction) == FILTER_ACCEPT;
}

/* Finds the first session from place 'first' on that takes the packet, and copies its entry into the scratch space.
 * Returns its place and one, or 0 when there is none; the copy is then of no meaning. */
static __always_inline int session_find(const struct map_source *source, struct scratch *scratch,
					__u32 direction, __u32 platform_dns, __u32 first)
{
	struct map_session *taker = &scratch->taker;

#pragma clang loop unroll(full)
	for (__u32 i = 0; i < MAP_SOURCE_SESSIONS; i++) {
		if (i < first)
			continue;
		if (i >= source->session_count)
			return 0;
		*taker = source->sessions[i];
		if (session_accepts(taker, &scratch->key, direction, platform_dns))
			return (int)i + 1;
	}
	return 0;
}

/* Functions of their own for the verifier, which so looks at each once.  Unrolled for the reason given at
 * ipv6_skip_extensions(). */
__noinline int session_choose(const struct map_source *source, struct scratch *scratch,
			      __u32 direction, __u32 platform_dns)
{
	if (!source || !scratch)
		return 0;
	return session_find(source, scratch, direction, platform_dns, 0);
}

__noinline int session_choose_next(const struct map_source *source, struct scratch *scratch,
				   __u32 direction, __u32 platform_dns, __u32 first)
{
	if (!source || !scratch)
		return 0;
	return session_find(source, scratch, direction, platform_dns, first);
}
