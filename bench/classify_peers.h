/* The same rules in nftables and tc, for bench/classify. */
#pragma once

#include "mirror/filter.h"

#include <stddef.h>

#define PEER_DEVICE "lo" /* Where frames come in that bpf_prog_test_run() feeds. */

/* Brings the device up and drops whatever comes in, right behind where filters of tc and nftables ask.  Each of these
 * ends the process when a tool fails. */
void peers_open(void);

/* Takes out the rules that a set of nftables refuses: those whose lowest or highest corner lies in one before. */
void nftables_fit(struct filter *filter);

/* Replaces all rules, in one transaction. */
void nftables_write(const struct filter *filter, uint8_t family);
void nftables_clear(void);

/* Replaces all rules, one by one, by a list of u32 matches.  A range of ports takes a match for each prefix. */
void tc_write(const struct filter *filter, uint8_t family);
void tc_clear(void);
