/* A session copies one source's traffic to one target, through one filter.
 *
 * Plain values: no locks, no I/O.  control/ owns the stored copy, agent/ the running one. */
#pragma once

#include "base/address.h"
#include "mirror/id.h"
#include "mirror/source.h"

struct refusal;

#define SESSION_NUMBER_MAX 32766
#define PACKET_LENGTH_MAX  8500
#define VNI_MAX            0xffffff

/* A cut packet keeps its network header and a byte more (AWS: 35 bytes of an IPv4 frame, 55 of an IPv6 one). */
#define PACKET_LENGTH_FLOOR_IPV4 35
#define PACKET_LENGTH_FLOOR_IPV6 55

enum encapsulation {
	ENCAPSULATION_VXLAN,  /* RFC 7348 */
	ENCAPSULATION_GENEVE, /* RFC 8926, with the time of capture in an option. */
};

/* As in "geneve". */
const char *encapsulation_name(enum encapsulation encapsulation);
bool encapsulation_parse(const char *name, enum encapsulation *ret_encapsulation);

#define SESSION_PRIORITY_MAX   3
#define SAMPLING_MAX           1000000
#define PACKETS_PER_SECOND_MAX 1000000000ULL
#define BITS_PER_SECOND_MIN    8000ULL
#define BITS_PER_SECOND_MAX    1000000000000ULL

/* What AWS's sessions do not have.  All zeros is a session as AWS knows it. */
struct session_options {
	uint32_t
		packet_sampling; /* One in so many packets is copied, by chance; 0 and 1: every one. */
	uint32_t flow_sampling; /* One in so many flows is copied, whole, both directions. */
	uint64_t
		bits_per_second; /* Of copies as they are sent, without encapsulation; 0: no cap. */
	uint64_t packets_per_second; /* 0: no cap. */
	uint8_t priority; /* 0 to SESSION_PRIORITY_MAX: higher ones are shed earlier when rings fill. */
	bool paused; /* The session stays, copies nothing and takes nothing from those behind it. */
	bool continues;  /* What it takes is offered to the next session too. */
	int64_t expires; /* Seconds since the epoch, when the session ends by itself; 0: never. */
	enum encapsulation encapsulation;
	uint8_t outer_dscp;  /* Of the packets to the appliance, 0 to 63. */
	uint16_t outer_port; /* UDP destination; 0: the encapsulation's own, 4789 or 6081. */
	struct address outer_source; /* One of the host's own; family 0: the kernel's choice. */
};

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
	struct session_options options;
	struct resource_id selector; /* That made it and keeps it true; empty: made by hand. */
};

/* Checks what a session can know by itself, its options included.  Returns 0 or REFUSED. */
int session_validate(const struct session *session, struct refusal *why);

/* Whether both copy the same packets in the same way: everything but ids, owner, selector and time is equal. */
bool session_alike(const struct session *a, const struct session *b);

/* Ranges, and options that contradict each other.  Returns 0 or REFUSED. */
int session_options_validate(const struct session_options *options, struct refusal *why);
