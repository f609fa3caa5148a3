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
 * does not know it passes over it.  We send this one option; a reader takes it from among any others. */
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

_Static_assert(sizeof(struct geneve_header) == 8 && sizeof(struct geneve_option) == 4, "RFC 8926");
