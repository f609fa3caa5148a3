/* The sessions of a source are offered the packet in order; the first whose filter accepts takes it, alone.  A
 * rejection keeps it from that session only. */
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

/* Finds the session that takes the packet and copies its entry.  Returns false when there is none; what 'ret_taker'
 * holds is then of no meaning.
 *
 * A function of its own for the verifier, which so looks at it once.  Unrolled for the reason given at
 * ring_fill(). */
__noinline int session_choose(const struct map_source *source, const struct classifier_key *key,
			      __u32 direction, __u32 platform_dns, struct map_session *ret_taker)
{
	if (!source || !key || !ret_taker)
		return false;
#pragma clang loop unroll(full)
	for (__u32 i = 0; i < MAP_SOURCE_SESSIONS; i++) {
		if (i >= source->session_count)
			return false;
		*ret_taker = source->sessions[i];
		if (session_accepts(ret_taker, key, direction, platform_dns))
			return true;
	}
	return false;
}
