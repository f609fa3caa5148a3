/* The words that people use for header fields of a packet, where rules and sessions name them: TCP flags and DSCP. */
#pragma once

#include "mirror/filter.h"

#define TCP_FLAGS_TEXT_SIZE 48 /* "!cwr,!ece,!urg,!ack,!psh,!rst,!syn,!fin" and a NUL. */

/* "syn,!ack": names of flags that must be set, or with '!' must be clear, in any order; "" and "any": none must be anything.
 * False on anything else, and where a flag must be both. */
bool tcp_flags_parse(const char *text, struct tcp_flags_match *ret_match);

/* By the order of the header: "cwr,!ece,…"; "" where any will do. */
void tcp_flags_format(const struct tcp_flags_match *match, char ret_text[TCP_FLAGS_TEXT_SIZE]);

/* 0 to 63, or a name: "cs0" to "cs7" (RFC 2474), "af11" to "af43" (RFC 2597), "ef" (RFC 3246), "le" (RFC 8622). */
bool dscp_parse(const char *text, uint8_t *ret_value);
