// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/count.h"
#include "controller/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_LIVES 100 /* The child got through; beyond it an errno, so this is none. */

/* Runs 'attempt' in a confined child.  Returns minus the signal that killed it, else what attempt() returned: 0, or an errno. */
static int attempt_confined(int (*attempt)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		/* Not by exit(): the child has no leaks to look for, and no tests of its own to sum up. */
		if (sandbox_enter() < 0)
			_exit(ANSWER_LIVES);
		_exit(attempt());
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int result(long returned)
{
	return returned < 0 ? errno : 0;
}

static int execute(void)
{
	char name[] = "true", *const arguments[] = {name, NULL};

	return result(execv("/bin/true", arguments));
}

static int trace(void)
{
	return result(syscall(SYS_process_vm_writev, getppid(), NULL, 0, NULL, 0, 0));
}

#if !SANDBOX_IS_WIDE
static int debug(void)
{
	return result(syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), NULL, NULL));
}
#endif

static int load_program(void)
{
	return result(syscall(SYS_bpf, 0, NULL, 0));
}

static int mount_something(void)
{
	return result(syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL));
}

static int become_root(void)
{
	return result(syscall(SYS_setuid, 0));
}

static int leave_namespace(void)
{
	return result(syscall(SYS_unshare, 0));
}

static void what_is_never_ours_kills(void **state)
{
	int (*const attempts[])(void) = {
		execute,
		trace,
		load_program,
		mount_something,
		become_root,
		leave_namespace,
#if !SANDBOX_IS_WIDE
		debug,
#endif
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++)
		assert_int_equal(attempt_confined(attempts[i]), -SIGSYS);
}

static int listen_to_packets(void)
{
	return result(socket(AF_PACKET, SOCK_RAW, 0));
}

static int make_process(void)
{
	return result(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL));
}

static int make_namespace(void)
{
	return result(syscall(SYS_clone3, NULL, 0));
}

static int take_clock(void)
{
	return result(syscall(SYS_clock_settime, CLOCK_REALTIME, NULL));
}

#if !SANDBOX_IS_WIDE
static int write_and_execute(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? errno : 0;
}

static int execute_written(void)
{
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? 0 : result(mprotect(memory, 4096, PROT_READ | PROT_EXEC));
}
#endif

static void what_is_unknown_is_answered(void **state)
{
	int (*const attempts[])(void) = {listen_to_packets, make_namespace, take_clock};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(attempts); i++)
		assert_int_equal(attempt_confined(attempts[i]), ENOSYS);
}

static void code_stays_what_it_was(void **state)
{
	(void)state;
#if SANDBOX_IS_WIDE
	(void)make_process;
	skip();
#else
	assert_int_equal(attempt_confined(make_process), ENOSYS);
	assert_int_equal(attempt_confined(write_and_execute), ENOSYS);
	assert_int_equal(attempt_confined(execute_written), ENOSYS);
#endif
}

static void *wait_a_moment(void *context)
{
	struct timespec moment = {.tv_nsec = 1000};

	(void)nanosleep(&moment, NULL);
	return context;
}

/* A little of everything that the controller does; its other tests run it whole under the filter. */
static int do_the_work(void)
{
	int event = eventfd(0, EFD_CLOEXEC), null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int stream = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct rlimit limit;
	pthread_t thread;

	if (event < 0 || null < 0 || stream < 0 || write(null, "x", 1) != 1 || fsync(event) == 0 ||
	    listen(stream, 1) < 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return ANSWER_LIVES;
	if (pthread_create(&thread, NULL, wait_a_moment, NULL) != 0 ||
	    pthread_join(thread, NULL) != 0)
		return ANSWER_LIVES;
	free(malloc(1 << 20));
	return 0;
}

static void work_goes_on(void **state)
{
	(void)state;
	assert_int_equal(attempt_confined(do_the_work), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_never_ours_kills),
		cmocka_unit_test(what_is_unknown_is_answered),
		cmocka_unit_test(code_stays_what_it_was),
		cmocka_unit_test(work_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
