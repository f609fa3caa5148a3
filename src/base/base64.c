// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

#include "base/count.h"
#include "base/text.h"

#include <stdint.h>
#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool group_decode(const char group[4], size_t count, uint8_t ret_bytes[3]);
static int character_value(char character);

void base64_append(struct text *text, const void *bytes, size_t size)
{
	const uint8_t *next = bytes;

	for (size_t left = size; left > 0;) {
		size_t count = MIN(left, (size_t)3);
		uint32_t bits = (uint32_t)next[0] << 16;
		char group[4] = "====";

		bits |= count > 1 ? (uint32_t)next[1] << 8 : 0;
		bits |= count > 2 ? next[2] : 0;
		for (size_t i = 0; i <= count; i++)
			group[i] = alphabet[bits >> (18 - 6 * i) & 0x3f];
		text_append_bytes(text, group, sizeof(group));
		next += count;
		left -= count;
	}
}

bool base64_decode(const char *text, void *ret_bytes, size_t room, size_t *ret_size)
{
	size_t length = strlen(text), size = length / 4 * 3;
	uint8_t *bytes = ret_bytes;

	if (length % 4 != 0)
		return false;
	if (length > 0 && text[length - 1] == '=')
		size -= text[length - 2] == '=' ? 2 : 1;
	if (size > room)
		return false;
	for (size_t done = 0; done < size; done += 3, text += 4) {
		size_t count = MIN(size - done, (size_t)3);
		uint8_t group[3];

		if (!group_decode(text, count, group))
			return false;
		memcpy(bytes + done, group, count);
	}
	*ret_size = size;
	return true;
}

/* Of the last group, bits that make no byte have to be zero, so that there is one text for the same bytes. */
static bool group_decode(const char group[4], size_t count, uint8_t ret_bytes[3])
{
	uint32_t bits = 0;

	for (size_t i = 0; i <= count; i++) {
		int value = character_value(group[i]);

		if (value < 0)
			return false;
		bits |= (uint32_t)value << (18 - 6 * i);
	}
	for (size_t i = 0; i < 3; i++)
		ret_bytes[i] = (uint8_t)(bits >> (16 - 8 * i));
	return count == 3 || ret_bytes[count] == 0;
}

static int character_value(char character)
{
	const char *found = character == '\0' ? NULL : strchr(alphabet, character);

	return found ? (int)(found - alphabet) : -1;
}
