// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool text_reserve(struct text *text, size_t more);
static int fold_nothing(int character);
static bool matches(const char *pattern, const char *string, int (*fold)(int));

void text_fini(struct text *text)
{
	free(text->data);
	*text = (struct text){};
}

void text_append(struct text *text, const char *string)
{
	text_append_bytes(text, string, strlen(string));
}

void text_append_bytes(struct text *text, const void *bytes, size_t size)
{
	if (!text_reserve(text, size))
		return;
	if (size > 0)
		memcpy(text->data + text->length, bytes, size);
	text->length += size;
	text->data[text->length] = '\0';
}

void text_append_char(struct text *text, char character)
{
	text_append_bytes(text, &character, 1);
}

void text_printf(struct text *text, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0 || !text_reserve(text, (size_t)length)) {
		text->failed = true;
		return;
	}
	va_start(arguments, format);
	(void)vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
	va_end(arguments);
	text->length += (size_t)length;
}

void text_append_word(struct text *text, const char *word)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-_.,:/+=@%";

	if (*word != '\0' && word[strspn(word, plain)] == '\0') {
		text_append(text, word);
		return;
	}
	text_append_char(text, '\'');
	for (; *word != '\0'; word++) {
		if (*word == '\'')
			text_append(text, "'\\''");
		else
			text_append_char(text, *word);
	}
	text_append_char(text, '\'');
}

void text_clear(struct text *text)
{
	text->length = 0;
	text->failed = false;
	if (text->data)
		text->data[0] = '\0';
}

char *text_steal(struct text *text)
{
	char *string = NULL;

	text_append_bytes(text, "", 0);
	if (!text->failed)
		string = TAKE_PTR(text->data);
	text_fini(text);
	return string;
}

void hex_encode(const void *bytes, size_t size, char *ret_text)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < size; i++) {
		*ret_text++ = digits[byte[i] >> 4];
		*ret_text++ = digits[byte[i] & 15];
	}
	*ret_text = '\0';
}

size_t text_character_size(const char *text)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t smallest;
	} forms[] = {
		{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
	const unsigned char *byte = (const unsigned char *)text;

	for (size_t more = 0; more < sizeof(forms) / sizeof(forms[0]); more++) {
		uint32_t code = byte[0] & (unsigned char)~forms[more].mask;

		if ((byte[0] & forms[more].mask) != forms[more].lead)
			continue;
		for (size_t i = 1; i <= more; i++) {
			if ((byte[i] & 0xc0) != 0x80)
				return 0;
			code = code << 6 | (byte[i] & 0x3f);
		}
		if (code < forms[more].smallest || code > 0x10ffff ||
		    (code >= 0xd800 && code <= 0xdfff) || code == 0xfffe || code == 0xffff)
			return 0;
		if (code < 0x20 && code != '\t' && code != '\n' && code != '\r')
			return 0;
		return more + 1;
	}
	return 0;
}

bool string_copy(char *ret_text, size_t size, const char *string)
{
	size_t length = strlen(string);

	if (length >= size)
		return false;
	memcpy(ret_text, string, length + 1);
	return true;
}

bool string_to_unsigned(const char *string, unsigned long long maximum,
			unsigned long long *ret_value)
{
	unsigned long long value;
	char *end;

	if (string[0] < '0' || string[0] > '9')
		return false;
	errno = 0;
	value = strtoull(string, &end, 10);
	if (*end != '\0' || errno != 0 || value > maximum)
		return false;
	*ret_value = value;
	return true;
}

bool string_is_among(const char *string, const char *const *strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(string, strings[i]) == 0)
			return true;
	return false;
}

bool string_matches(const char *pattern, const char *string)
{
	return matches(pattern, string, fold_nothing);
}

bool string_matches_caseless(const char *pattern, const char *string)
{
	return matches(pattern, string, tolower);
}

static bool text_reserve(struct text *text, size_t more)
{
	size_t need, size;
	char *data;

	if (text->failed)
		return false;
	if (more > (size_t)1 << 40) {
		text->failed = true;
		return false;
	}
	need = text->length + more + 1;
	if (need <= text->size)
		return true;
	size = text->size ? text->size : 64;
	while (size < need)
		size *= 2;
	data = realloc(text->data, size);
	if (!data) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->size = size;
	return true;
}

static int fold_nothing(int character)
{
	return character;
}

static bool matches(const char *pattern, const char *string, int (*fold)(int))
{
	const char *after_star = NULL, *retry = NULL;

	/* On a mismatch the last '*' swallows one character more; earlier stars never need another try. */
	for (;;) {
		char wanted = *pattern;

		if (wanted == '*') {
			after_star = ++pattern;
			retry = string;
			continue;
		}
		if (wanted == '\\' && pattern[1] != '\0')
			wanted = *++pattern;
		else if (wanted == '?' && *string != '\0')
			wanted = *string;
		if (fold((unsigned char)wanted) == fold((unsigned char)*string)) {
			if (wanted == '\0')
				return true;
			pattern++;
			string++;
			continue;
		}
		if (!after_star || *retry == '\0')
			return false;
		pattern = after_star;
		string = ++retry;
	}
}
