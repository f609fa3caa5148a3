/* The sessions of a source are offered the packet in order; the first whose filter accepts takes it, alone.  A
 * rejection keeps it from that session only. */
#pragma once

#include "capture/kernel/exclude.bpf.h"
#include "capture/kernel/filter.bpf.h"

static __always_inline bool session_accepts(const struct map_session *session,
					    const struct packet_key *key, __u32 direction,
					    bool platform_dns)
{
	if (platform_dns)
		return session->flags & MAP_SESSION_DNS;
	return filter_match(key, session->filter, direction) == FILTER_ACCEPT;
}

/* The session that takes the packet, or NULL. */
static __always_inline const struct map_session *
session_choose(const struct map_source *source, const struct packet_key *key, __u32 direction)
{
	bool platform_dns = packet_is_platform_dns(key);

	for (__u32 i = 0; i < MAP_SOURCE_SESSIONS; i++) {
		if (i >= source->session_count)
			return NULL;
		if (session_accepts(&source->sessions[i], key, direction, platform_dns))
			return &source->sessions[i];
	}
	return NULL;
}
