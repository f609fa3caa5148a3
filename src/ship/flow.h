/* Which flow a captured frame belongs to, as a number.  Pure.
 *
 * Both directions of a flow get the same number, so that an appliance with several queues sees a conversation on one
 * of them; and every packet of a flow does, so that its copies stay in order. */
#pragma once

#include <stdint.h>

enum fleet_stickiness;
struct capture_record;
struct fragments;

/* A hash over addresses, protocol and, for TCP, UDP and SCTP, ports.  Fragments go without ports, the first one too,
 * because the others have none.  Tags of VLANs do not count.  Only the record's captured bytes are read. */
uint32_t flow_hash(const struct capture_record *record, const uint8_t *bytes);

/* The same for the choice among a fleet's appliances: a number of 64 bits, over as much of the packet as the fleet's
 * stickiness says, and equal on every host.  A fragment belongs to the flow of its datagram's first one, as far as 'fragments'
 * saw that; else, and where not so much was captured, it goes by what is there. */
uint64_t flow_identify(const struct capture_record *record, const uint8_t *bytes,
		       enum fleet_stickiness stickiness, struct fragments *fragments);
