/* A growing string.  Failure to grow sticks, so that a page of appends needs one check at its end. */
#pragma once

#include "base/cleanup.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
	char *data;    /* NUL-terminated once anything was appended; NULL before. */
	size_t length; /* Characters before the NUL. */
	size_t size;   /* Bytes allocated. */
	bool failed;   /* An append found no memory; the content is incomplete. */
};

void text_fini(struct text *text);
#define _cleanup_text_ _cleanup_(text_fini)

void text_append(struct text *text, const char *string);
void text_append_bytes(struct text *text, const void *bytes, size_t size);
void text_append_char(struct text *text, char character);
void text_printf(struct text *text, const char *format, ...) _printf_(2, 3);

/* As one word of a shell, in quotes if it needs them. */
void text_append_word(struct text *text, const char *word);

/* Empties the text but keeps its memory. */
void text_clear(struct text *text);

/* Hands the string to the caller, who frees it.  Returns NULL if an append failed; "" if none was made. */
char *text_steal(struct text *text);

/* Lower-case hexadecimal; 'ret_text' has room for 2 * size + 1 characters. */
void hex_encode(const void *bytes, size_t size, char *ret_text);

/* Bytes of the character at 'text' in UTF-8; 0 if it is none, or none that XML 1.0 allows. */
size_t text_character_size(const char *text);

/* Copies 'string' whole or not at all: returns false when it does not fit into 'size' bytes with its NUL. */
bool string_copy(char *ret_text, size_t size, const char *string);

/* Decimal digits only, without sign or blanks.  Returns false unless the whole string is a number that fits. */
bool string_to_unsigned(const char *string, unsigned long long maximum,
			unsigned long long *ret_value);

bool string_is_among(const char *string, const char *const *strings, size_t count);

/* The matching of EC2's filters: '*' any run of characters, '?' one character, '\' takes the next literally. */
bool string_matches(const char *pattern, const char *string);
bool string_matches_caseless(const char *pattern, const char *string);
