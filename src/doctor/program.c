// SPDX-License-Identifier: Apache-2.0
#include "doctor/program.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <sys/wait.h>

static int start(const char *const *arguments, const char *const *environment, int output,
		 pid_t *ret_process);
static int read_all(int descriptor, size_t maximum, struct text *text);

int program_read(const char *const *arguments, const char *const *environment, size_t maximum,
		 char **ret_output)
{
	_cleanup_text_ struct text text = {};
	_cleanup_close_ int out = -1, in = -1;
	int ends[2], status, r;
	pid_t process;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	out = ends[0];
	in = ends[1];
	r = start(arguments, environment, in, &process);
	if (r < 0)
		return r;
	closep(&in);
	in = -1;
	r = read_all(out, maximum, &text);
	while (waitpid(process, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (r < 0)
		return r;
	*ret_output = text_steal(&text);
	if (!*ret_output)
		return -ENOMEM;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int start(const char *const *arguments, const char *const *environment, int output,
		 pid_t *ret_process)
{
	posix_spawn_file_actions_t actions;
	int r = posix_spawn_file_actions_init(&actions);

	if (r != 0)
		return -r;
	r = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	if (r == 0)
		r = posix_spawnp(ret_process, arguments[0], &actions, NULL,
				 (char *const *)(uintptr_t)arguments,
				 (char *const *)(uintptr_t)environment);
	(void)posix_spawn_file_actions_destroy(&actions);
	return -r;
}

static int read_all(int descriptor, size_t maximum, struct text *text)
{
	char piece[4096];

	for (;;) {
		ssize_t n = read(descriptor, piece, sizeof(piece));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		if (text->length + (size_t)n <= maximum)
			text_append_bytes(text, piece, (size_t)n);
	}
}
