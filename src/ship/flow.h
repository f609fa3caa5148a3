/* Which flow a captured frame belongs to, as a number.  Pure.
 *
 * Both directions of a flow get the same number, so that an appliance with several queues sees a conversation on one
 * of them; and every packet of a flow does, so that its copies stay in order. */
#pragma once

#include <stdint.h>

struct capture_record;

/* A hash over addresses, protocol and, for TCP, UDP and SCTP, ports.  Fragments go without ports, the first one too,
 * because the others have none.  Tags of VLANs do not count.  Only the record's captured bytes are read. */
uint32_t flow_hash(const struct capture_record *record, const uint8_t *bytes);
