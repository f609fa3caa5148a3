/* A session copies one source's traffic to one target, through one filter.
 *
 * Plain values: no locks, no I/O.  control/ owns the stored copy, agent/ the running one. */
#pragma once

#include "mirror/id.h"
#include "mirror/source.h"

struct refusal;

#define SESSION_NUMBER_MAX 32766
#define PACKET_LENGTH_MAX  8500
#define VNI_MAX            0xffffff

/* A cut packet keeps its network header and a byte more (AWS: 35 bytes of an IPv4 frame, 55 of an IPv6 one). */
#define PACKET_LENGTH_FLOOR_IPV4 35
#define PACKET_LENGTH_FLOOR_IPV6 55

struct session {
	struct resource_id id;
	struct account_id owner;
	struct resource_id source, filter, target;
	uint16_t number; /* Order among the sessions of one source; lowest goes first. */
	uint32_t vni;    /* 24 bits, as VXLAN carries it. */
	uint16_t
		packet_length; /* Bytes kept of each packet, from its Ethernet header on; 0 keeps all of it. */
	char description[DESCRIPTION_SIZE];
	int64_t created;
};

/* Checks what a session can know by itself.  Returns 0 or REFUSED. */
int session_validate(const struct session *session, struct refusal *why);
