// SPDX-License-Identifier: Apache-2.0
/* Runs a fuzz target over the files of a directory, as a test: each file whole, and, since parsers fail at ends, the
 * beginnings of it too.  Every input is a memory block of exactly its size, so that the sanitizer sees a byte read
 * too many. */
#include "base/cleanup.h"
#include "base/count.h"
#include "base/file.h"
#include "fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define INPUT_SIZE_MAX (16 << 20)
#define PREFIXES_MAX   4096

static void directory_close(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static void input_run(const char *data, size_t size)
{
	_cleanup_free_ uint8_t *exact = malloc(size > 0 ? size : 1);

	require(exact);
	memcpy(exact, data, size);
	(void)LLVMFuzzerTestOneInput(exact, size);
}

static int file_run(const char *path)
{
	_cleanup_free_ char *data = NULL;
	size_t size;
	int r = file_read(path, INPUT_SIZE_MAX, &data, &size);

	if (r < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(-r));
		return r;
	}
	for (size_t part = 0; part < MIN(size, (size_t)PREFIXES_MAX); part++)
		input_run(data, part);
	input_run(data, size);
	return 0;
}

int main(int argc, char **argv)
{
	_cleanup_(directory_close) DIR *directory = argc == 2 ? opendir(argv[1]) : NULL;
	const struct dirent *entry;
	size_t count = 0;

	if (!directory) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 1;
	}
	while ((entry = readdir(directory))) {
		char path[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		printf("%s\n", path);
		if (file_run(path) < 0)
			return 1;
		count++;
	}
	return count > 0 ? 0 : 1;
}
