/* Geneve, RFC 8926, with the time of capture.
 *
 *	 0                   1                   2                   3
 *	+---+-----------+-+-+-----------+-------------------------------+
 *	|Ver|  Opt Len  |O|C|  reserved | protocol type: 0x6558         |
 *	+---+-----------+-+-+-----------+---------------+---------------+
 *	| virtual network identifier                    |   reserved    |
 *	+-------------------------------+---------------+-----+---------+
 *	| option class: 0xff4d          | type: 1       |  0  |length: 2|
 *	+-------------------------------+---------------+-----+---------+
 *	| nanoseconds since 1970-01-01 UTC, when the packet was         |
 *	| captured; 64 bits, in network order                           |
 *	+---------------------------------------------------------------+
 *	| Ethernet frame ...
 *
 * Lengths count words of four bytes.  The class is of the range for experiments; the option is not critical, so who
 * does not know it passes over it.  We send this one option; a reader takes it from among any others.
 *
 * The appliances of a Gateway Load Balancer get another form, to which AWS's are made: an IP packet instead of a frame,
 * no network identifier, and these options of AWS's class 0x0108 (Elastic Load Balancing, "Gateway Load Balancers"):
 *
 *	+-------------------------------+---------------+-----+---------+
 *	| option class: 0x0108          | type: 1       |  0  |length: 2|
 *	+-------------------------------+---------------+-----+---------+
 *	| number of the endpoint, the one in its vpce- id; 64 bits      |
 *	+-------------------------------+---------------+-----+---------+
 *	| option class: 0x0108          | type: 2       |  0  |length: 2|
 *	+-------------------------------+---------------+-----+---------+
 *	| number of the attachment; 64 bits                             |
 *	+-------------------------------+---------------+-----+---------+
 *	| option class: 0x0108          | type: 3       |  0  |length: 1|
 *	+-------------------------------+---------------+-----+---------+
 *	| cookie of the flow, the same for all of its packets; 32 bits  |
 *	+---------------------------------------------------------------+
 *	| IPv4 from source to endpoint | UDP to port 4789 | VXLAN | Ethernet frame ...
 */
#pragma once

#include <linux/types.h>

#define GENEVE_PORT                 6081
#define GENEVE_VERSION_MASK         0xc0 /* Version 0 is the only one. */
#define GENEVE_OPTION_WORDS_MASK    0x3f
#define GENEVE_FLAG_CONTROL         0x80 /* Not a frame but a message between tunnel endpoints. */
#define GENEVE_FLAG_CRITICAL        0x40 /* Options are there that one has to know. */
#define GENEVE_PROTOCOL_ETHERNET    0x6558
#define GENEVE_OPTION_CLASS         0xff4d
#define GENEVE_OPTION_CAPTURE_TIME  1
#define GENEVE_OPTION_TYPE_CRITICAL 0x80
#define GENEVE_OPTION_LENGTH_MASK   0x1f

#define GENEVE_PROTOCOL_IPV4      0x0800
#define GENEVE_GATEWAY_CLASS      0x0108
#define GENEVE_GATEWAY_ENDPOINT   1
#define GENEVE_GATEWAY_ATTACHMENT 2
#define GENEVE_GATEWAY_COOKIE     3
#define GENEVE_GATEWAY_LENGTH_MAX 8500 /* Of the packet inside. */

struct geneve_header {
	__u8 option_words; /* Under the version. */
	__u8 flags;
	__be16 protocol;
	__be32 vni; /* In the upper 24 bits. */
};

struct geneve_option {
	__be16 class;
	__u8 type;
	__u8 words; /* Of what follows. */
};

/* A gateway's header, from end to end. */
struct geneve_gateway {
	struct geneve_header header;
	struct geneve_option endpoint_option;
	__be32 endpoint[2];
	struct geneve_option attachment_option;
	__be32 attachment[2];
	struct geneve_option cookie_option;
	__be32 cookie;
};

_Static_assert(sizeof(struct geneve_gateway) == 40, "eight words of options");
_Static_assert(sizeof(struct geneve_header) == 8 && sizeof(struct geneve_option) == 4, "RFC 8926");
