// SPDX-License-Identifier: Apache-2.0
#include "doctor/tail.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void append(struct text *text, const char *bytes, size_t size);
static void drop(struct text *text, size_t count);

int tail_read(int descriptor, size_t maximum, struct text *ret_text)
{
	char piece[65536];
	bool cut = false;

	for (;;) {
		ssize_t n = read(descriptor, piece, sizeof(piece));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		append(ret_text, piece, (size_t)n);
		/* In long strides, so that each byte is moved once or so. */
		if (ret_text->length > 2 * maximum + sizeof(piece)) {
			drop(ret_text, ret_text->length - maximum);
			cut = true;
		}
	}
	if (ret_text->length > maximum) {
		drop(ret_text, ret_text->length - maximum);
		cut = true;
	}
	if (cut && ret_text->data) {
		const char *line = memchr(ret_text->data, '\n', ret_text->length);

		drop(ret_text, line ? (size_t)(line + 1 - ret_text->data) : ret_text->length);
	}
	return 0;
}

/* A log that was emptied while it was written to has a hole before its first line. */
static void append(struct text *text, const char *bytes, size_t size)
{
	while (size > 0) {
		const char *end = memchr(bytes, '\0', size);
		size_t length = end ? (size_t)(end - bytes) : size;

		if (length > 0)
			text_append_bytes(text, bytes, length);
		while (length < size && bytes[length] == '\0')
			length++;
		bytes += length;
		size -= length;
	}
}

static void drop(struct text *text, size_t count)
{
	memmove(text->data, text->data + count, text->length - count + 1);
	text->length -= count;
}
