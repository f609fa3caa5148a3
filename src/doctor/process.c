// SPDX-License-Identifier: Apache-2.0
#include "doctor/process.h"

#include "base/array.h"
#include "base/count.h"
#include "base/file.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/stat.h>
#include <unistd.h>

#define AGENT_COMMAND   "tmirror-agent\n"
#define AGENT_VARIABLES "TMIRROR_AGENT_"
#define WORDS_SIZE_MAX  ((size_t)1 << 20)

struct words {
	char **items;
	size_t count, capacity;
};

/* What is compared with. */
struct wanted {
	char program[PATH_MAX]; /* Without symbolic links on the way. */
	struct stat file, network, users;
};

static int judge(pid_t id, const struct wanted *wanted, struct process *ret_process);
static bool is_trusted(const char *status, pid_t id, const struct wanted *wanted,
		       struct process *process);
static int compare_program(pid_t id, const struct wanted *wanted, bool *ret_replaced);
static int stat_part(pid_t id, const char *name, struct stat *ret_status);
static int read_file(pid_t process, const char *name, char **ret_data, size_t *ret_size);
static int split(const char *data, size_t size, const char *prefix, char ***ret_words);

static inline void directory_close(DIR **directory)
{
	if (*directory)
		(void)closedir(*directory);
}

int process_find_agent(const char *program, struct process *ret_process)
{
	_cleanup_(directory_close) DIR *directory = opendir("/proc");
	struct wanted wanted;
	struct dirent *entry;
	bool hidden = false;

	*ret_process = (struct process){};
	if (!directory || !realpath(program, wanted.program) || stat(program, &wanted.file) < 0 ||
	    stat("/proc/self/ns/net", &wanted.network) < 0 ||
	    stat("/proc/self/ns/user", &wanted.users) < 0)
		return 0;
	while ((entry = readdir(directory))) {
		unsigned long long number;
		int r;

		if (!string_to_unsigned(entry->d_name, INT_MAX, &number))
			continue;
		r = judge((pid_t)number, &wanted, ret_process);
		if (r > 0)
			return 0;
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
static int judge(pid_t id, const struct wanted *wanted, struct process *ret_process)
{
	_cleanup_free_ char *command = NULL, *status = NULL;
	struct process process = {.id = id};
	struct stat network;
	int r;

	if (read_file(id, "comm", &command, NULL) < 0 || strcmp(command, AGENT_COMMAND) != 0 ||
	    read_file(id, "status", &status, NULL) < 0)
		return 0;
	r = compare_program(id, wanted, &process.replaced);
	if (r == 0)
		r = stat_part(id, "ns/net", &network);
	if (r < 0)
		return r;
	if (r > 0 || network.st_ino != wanted->network.st_ino ||
	    !is_trusted(status, id, wanted, &process))
		return 0;
	*ret_process = process;
	return 1;
}

/* The owner of a process in /proc is root where it may not be debugged, so its own words are taken. */
static bool is_trusted(const char *status, pid_t id, const struct wanted *wanted,
		       struct process *process)
{
	const char *user = strstr(status, "\nUid:"), *group = strstr(status, "\nGid:");
	const char *held = strstr(status, "\nCapEff:");
	struct stat users;

	if (!user || !group || !held || stat_part(id, "ns/user", &users) < 0 ||
	    users.st_ino != wanted->users.st_ino)
		return false;
	process->user = (uid_t)strtoul(user + strlen("\nUid:"), NULL, 10);
	process->group = (gid_t)strtoul(group + strlen("\nGid:"), NULL, 10);
	return process->user == 0 || process->user == geteuid() ||
	       (strtoull(held + strlen("\nCapEff:"), NULL, 16) >> CAP_NET_ADMIN & 1) != 0;
}

/* Returns 0 if it runs the program, or ran what was in that place before an upgrade; 1 if it runs another; or a fault. */
static int compare_program(pid_t id, const struct wanted *wanted, bool *ret_replaced)
{
	static const char deleted[] = " (deleted)";
	char path[64], place[PATH_MAX];
	struct stat program;
	ssize_t length;
	int r = stat_part(id, "exe", &program);

	if (r < 0)
		return r;
	if (program.st_dev == wanted->file.st_dev && program.st_ino == wanted->file.st_ino)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/exe", id);
	length = readlink(path, place, sizeof(place) - 1);
	place[MAX(length, 0)] = '\0';
	*ret_replaced = strncmp(place, wanted->program, strlen(wanted->program)) == 0 &&
			strcmp(place + strlen(wanted->program), deleted) == 0;
	return *ret_replaced ? 0 : 1;
}

static int stat_part(pid_t id, const char *name, struct stat *ret_status)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", id, name);
	return stat(path, ret_status) < 0 ? -errno : 0;
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
