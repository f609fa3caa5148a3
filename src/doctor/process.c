// SPDX-License-Identifier: Apache-2.0
#include "doctor/process.h"

#include "base/array.h"
#include "base/file.h"
#include "base/text.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define AGENT_COMMAND   "tmirror-agent\n"
#define AGENT_VARIABLES "TMIRROR_AGENT_"
#define WORDS_SIZE_MAX  ((size_t)1 << 20)

struct words {
	char **items;
	size_t count, capacity;
};

static int judge(pid_t process, const struct stat *network);
static int read_file(pid_t process, const char *name, char **ret_data, size_t *ret_size);
static int split(const char *data, size_t size, const char *prefix, char ***ret_words);

static inline void directory_close(DIR **directory)
{
	if (*directory)
		(void)closedir(*directory);
}

pid_t process_find_agent(void)
{
	_cleanup_(directory_close) DIR *directory = opendir("/proc");
	struct stat network;
	struct dirent *entry;
	bool hidden = false;

	if (!directory || stat("/proc/self/ns/net", &network) < 0)
		return 0;
	while ((entry = readdir(directory))) {
		unsigned long long number;
		int r;

		if (!string_to_unsigned(entry->d_name, INT_MAX, &number))
			continue;
		r = judge((pid_t)number, &network);
		if (r > 0)
			return (pid_t)number;
		hidden |= r == -EACCES;
	}
	return hidden ? -EACCES : 0;
}

int process_read_words(pid_t process, char ***ret_options, char ***ret_settings)
{
	_cleanup_free_ char *line = NULL, *environment = NULL;
	_cleanup_(process_words_freep) char **options = NULL, **settings = NULL;
	size_t line_size, environment_size, name_size;
	int r;

	r = read_file(process, "cmdline", &line, &line_size);
	if (r == 0)
		r = read_file(process, "environ", &environment, &environment_size);
	if (r < 0)
		return r;
	name_size = strnlen(line, line_size) + 1;
	name_size = name_size > line_size ? line_size : name_size;
	r = split(line + name_size, line_size - name_size, "", &options);
	if (r == 0)
		r = split(environment, environment_size, AGENT_VARIABLES, &settings);
	if (r < 0)
		return r;
	*ret_options = TAKE_PTR(options);
	*ret_settings = TAKE_PTR(settings);
	return 0;
}

void process_words_free(char **words)
{
	for (char **word = words; *word; word++)
		free(*word);
	free(words);
}

/* Returns 1 for the agent that is looked for, 0 for another process, or a fault. */
static int judge(pid_t process, const struct stat *network)
{
	_cleanup_free_ char *command = NULL;
	struct stat own, theirs;
	char path[64];

	if (read_file(process, "comm", &command, NULL) < 0 || strcmp(command, AGENT_COMMAND) != 0)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d", process);
	if (stat(path, &own) < 0 || (own.st_uid != 0 && own.st_uid != geteuid()))
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", process);
	if (stat(path, &theirs) < 0)
		return -errno;
	return theirs.st_ino == network->st_ino;
}

static int read_file(pid_t process, const char *name, char **ret_data, size_t *ret_size)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", process, name);
	return file_read(path, WORDS_SIZE_MAX, ret_data, ret_size);
}

/* Strings side by side, each with its NUL. */
static int split(const char *data, size_t size, const char *prefix, char ***ret_words)
{
	struct words words = {};
	int r = 0;

	for (size_t i = 0; r == 0 && i < size; i += strnlen(data + i, size - i) + 1) {
		char *word;

		if (strncmp(data + i, prefix, strlen(prefix)) != 0)
			continue;
		word = strndup(data + i, size - i);
		r = word ? array_append(&words, items, count, capacity, word) : -ENOMEM;
		if (r < 0)
			free(word);
	}
	if (r == 0)
		r = array_append(&words, items, count, capacity, NULL);
	if (r < 0) {
		for (size_t i = 0; i < words.count; i++)
			free(words.items[i]);
		free(words.items);
		return r;
	}
	*ret_words = words.items;
	return 0;
}
