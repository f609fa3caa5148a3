/* Randomness of the kernel. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Fills 'ret_bytes' from getrandom(2).  Never fails on a booted system; aborts if the kernel has none, because
 * every id and secret would be guessable. */
void random_bytes(void *ret_bytes, size_t size);

/* A version 4 UUID in text (RFC 9562, section 5.4). */
#define UUID_TEXT_SIZE 37
void random_uuid(char ret_text[UUID_TEXT_SIZE]);

uint64_t random_number(void);
