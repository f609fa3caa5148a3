// SPDX-License-Identifier: Apache-2.0
#include "base/refusal.h"
#include "cli/pcapng.h"
#include "cli/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct file_sink {
	struct sink sink;
	int descriptor;
	struct text buffer; /* Not yet written. */
};

static int file_write(struct sink *sink, const struct frame *frame, uint64_t timestamp);
static int file_flush(struct sink *sink);
static void file_free(struct sink *sink);

static const struct sink_operations file_operations = {
	.write = file_write,
	.flush = file_flush,
	.free = file_free,
};

int sink_open_file(const char *path, struct sink **ret_sink, struct refusal *why)
{
	bool standard = strcmp(path, "-") == 0;
	_cleanup_close_ int descriptor = -1;
	struct file_sink *file;

	if (standard && isatty(STDOUT_FILENO))
		return refuse(why, 0, "a capture file does not go to a terminal; say -w FILE");
	descriptor = standard ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
			      : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (descriptor < 0)
		return refuse(why, 0, "%s: %s", path, strerror(errno));
	file = calloc(1, sizeof(*file));
	if (!file)
		return -ENOMEM;
	file->sink.operations = &file_operations;
	file->descriptor = TAKE_FD(descriptor);
	pcapng_append_start(&file->buffer, "tmirror " TMIRROR_VERSION);
	*ret_sink = &file->sink;
	return 0;
}

static int file_write(struct sink *sink, const struct frame *frame, uint64_t timestamp)
{
	struct file_sink *file = (struct file_sink *)sink;

	pcapng_append_packet(&file->buffer, frame, timestamp);
	return file->buffer.failed ? -ENOMEM : 0;
}

static int file_flush(struct sink *sink)
{
	struct file_sink *file = (struct file_sink *)sink;
	const char *data = file->buffer.data;
	size_t left = file->buffer.length;

	while (left > 0) {
		ssize_t written = write(file->descriptor, data, left);

		if (written < 0 && errno != EINTR)
			return -errno;
		data += written < 0 ? 0 : written;
		left -= written < 0 ? 0 : (size_t)written;
	}
	text_clear(&file->buffer);
	return 0;
}

static void file_free(struct sink *sink)
{
	struct file_sink *file = (struct file_sink *)sink;

	close(file->descriptor);
	text_fini(&file->buffer);
	free(file);
}
