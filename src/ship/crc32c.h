/* CRC32c, the checksum of SCTP (RFC 9260, appendix A).  Pure. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CRC32C_START UINT32_MAX

/* Adds bytes to a running sum, which began as CRC32C_START. */
uint32_t crc32c_add(uint32_t crc, const void *bytes, size_t size);

/* Puts the finished sum into a header. */
void crc32c_store(uint8_t place[4], uint32_t crc);
