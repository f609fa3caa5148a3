// SPDX-License-Identifier: Apache-2.0
#include "doctor/program.h"

#include "base/cleanup.h"
#include "base/count.h"
#include "base/text.h"
#include "doctor/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#define FAILURE_STATUS 127

static bool find(const char *name, char ret_path[PATH_MAX]);
static int start(const struct program_call *call, const char *path, int output, int failure,
		 pid_t *ret_process);
static int become(const struct program_call *call);
static int finish(pid_t process, int *ret_status);

int program_read(const struct program_call *call, char **ret_output)
{
	_cleanup_close_ int out = -1, in = -1, told = -1, tell = -1;
	_cleanup_text_ struct text text = {};
	int output[2], failure[2], status, r, error;
	char path[PATH_MAX];
	pid_t process;

	if (!find(call->arguments[0], path))
		return -ENOENT;
	if (pipe2(output, O_CLOEXEC) < 0)
		return -errno;
	out = output[0];
	in = output[1];
	if (pipe2(failure, O_CLOEXEC) < 0)
		return -errno;
	told = failure[0];
	tell = failure[1];
	r = start(call, path, in, tell, &process);
	if (r < 0)
		return r;
	closep(&in);
	closep(&tell);
	in = tell = -1;
	r = tail_read(out, call->maximum, &text);
	/* Nothing comes if the program was started, which closes it. */
	if (read(told, &error, sizeof(error)) == (ssize_t)sizeof(error))
		r = -error;
	error = finish(process, &status);
	if (r < 0 || error < 0)
		return r < 0 ? r : error;
	*ret_output = text_steal(&text);
	if (!*ret_output)
		return -ENOMEM;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int program_find_daemon(const char *name, size_t size, char *ret_path)
{
	static const char *const places[] = {"", "../sbin/", "/usr/sbin/", "/usr/local/sbin/"};
	char own[PATH_MAX] = "";
	ssize_t length = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *slash = length > 0 ? strrchr(own, '/') : NULL;

	if (slash)
		slash[1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int written = snprintf(ret_path, size, "%s%s%s", places[i][0] == '/' ? "" : own,
				       places[i], name);

		if (written < (int)size && access(ret_path, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

/* PATH is the caller's, and may begin with a directory that others write to. */
static bool find(const char *name, char ret_path[PATH_MAX])
{
	static const char *const directories[] = {"/usr/sbin", "/usr/bin", "/sbin", "/bin"};

	if (strchr(name, '/'))
		return string_copy(ret_path, PATH_MAX, name);
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		(void)snprintf(ret_path, PATH_MAX, "%s/%s", directories[i], name);
		if (access(ret_path, X_OK) == 0)
			return true;
	}
	return false;
}

static int start(const struct program_call *call, const char *path, int output, int failure,
		 pid_t *ret_process)
{
	pid_t process = fork();
	int input;

	if (process != 0) {
		*ret_process = process;
		return process < 0 ? -errno : 0;
	}
	input = open("/dev/null", O_RDONLY);
	if (input >= 0 && dup2(input, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
	    dup2(output, STDERR_FILENO) >= 0 && become(call) == 0)
		(void)execve(path, (char *const *)(uintptr_t)call->arguments,
			     (char *const *)(uintptr_t)call->environment);
	(void)!write(failure, &(const int){errno}, sizeof(int));
	_exit(FAILURE_STATUS);
}

static int become(const struct program_call *call)
{
	if (call->user == 0 || call->user == geteuid())
		return 0;
	return setsid() < 0 || setgroups(0, NULL) < 0 ||
			       setresgid(call->group, call->group, call->group) < 0 ||
			       setresuid(call->user, call->user, call->user) < 0
		       ? -1
		       : 0;
}

static int finish(pid_t process, int *ret_status)
{
	while (waitpid(process, ret_status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}
