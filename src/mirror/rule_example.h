/* Rules and packets drawn at random, for tests that compare one matcher with another.
 *
 * Values come from small pools, so that rules and packets meet often enough to matter, and the same seed draws the same
 * everywhere. */
#pragma once

#include "mirror/filter.h"

void draw_seed(uint64_t seed);

/* A number below the limit. */
unsigned int draw(unsigned int limit);

uint16_t draw_port(void);
uint8_t draw_codepoint(void);
uint8_t draw_tcp_flags(void);

/* The network around an address that a prefix of any length leaves, often that of length 0. */
struct cidr draw_network(const struct address *address);

/* A rule between such networks, with what its protocol allows. */
struct filter_rule draw_rule(uint16_t number, int16_t protocol, const struct cidr *source,
			     const struct cidr *destination);
