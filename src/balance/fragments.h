/* Which flow a fragment without ports belongs to: that of the datagram's first fragment, which has them.
 *
 * A datagram is told by addresses, protocol and identification (RFC 791, RFC 8200 section 4.5), which the caller makes a hash of 64 bits of.
 * The first fragment leaves its flow here, and the others find it.  Fragments that overtake the first one find nothing.
 *
 * For one thread: a sender's CPU hands over all fragments of a datagram. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stdint.h>

/* Seconds after which the identification may be another datagram's: as long as Linux tries to put one together. */
#define FRAGMENTS_SECONDS 30

struct fragments;

/* 48 KiB.  Returns 0 or -ENOMEM; 'ret_fragments' is the caller's to free. */
int fragments_new(struct fragments **ret_fragments);
void fragments_free(struct fragments *fragments);
DEFINE_CLEANUP(struct fragments *, fragments_free);

/* Notes the flow of a first fragment, in the place of what was noted there before.  'now' is seconds by a steady clock. */
void fragments_note(struct fragments *fragments, uint64_t datagram, uint64_t flow, uint32_t now);

/* Returns false when the datagram is not known. */
bool fragments_find(const struct fragments *fragments, uint64_t datagram, uint32_t now,
		    uint64_t *ret_flow);
