/* The header that a copy travels under.  Pure. */
#pragma once

#include <stdint.h>

#define ENCAPSULATION_SIZE 8 /* VXLAN. */

/* Writes a VXLAN header (RFC 7348, section 5) with the I flag and a VNI of 24 bits. */
void encapsulate_vxlan(uint32_t vni, uint8_t ret_header[ENCAPSULATION_SIZE]);
