// SPDX-License-Identifier: Apache-2.0
#include "controller/sandbox.h"

#include "base/cleanup.h"
#include "base/count.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define CALL_NAME_SIZE 32

/* Names with blanks between them, by what they are for; one that a machine does not have is passed over. */
static const struct calls {
	const char *purpose, *names;
} allowed[] = {
	{"memory", "brk madvise mincore mremap munmap"},
	{"threads, their waiting and their end",
	 "exit exit_group futex get_robust_list getpid gettid membarrier restart_syscall "
	 "rseq sched_getaffinity sched_getparam sched_getscheduler sched_yield "
	 "set_robust_list set_tid_address tgkill"},
	{"signals",
	 "rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigtimedwait sigaltstack"},
	{"time", "clock_getres clock_gettime clock_nanosleep gettimeofday nanosleep time times"},
	{"what the process is",
	 "getegid geteuid getgid getppid getrandom getresgid getresuid getrlimit "
	 "getrusage getuid sysinfo umask uname"},
	{"the store, its log and locks, keys, certificates, the audit log, backups",
	 "access close close_range dup dup2 dup3 faccessat faccessat2 fallocate fchmod "
	 "fchmodat fchown fcntl fdatasync flock fstat fstatfs fsync ftruncate getcwd "
	 "getdents64 link linkat lseek lstat mkdir mkdirat newfstatat open openat "
	 "pread64 preadv pwrite64 pwritev read readlink readlinkat readv rename renameat "
	 "renameat2 rmdir stat statfs statx unlink unlinkat utimensat write writev"},
	{"connections, and waiting for them",
	 "accept accept4 bind connect epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 "
	 "epoll_wait eventfd2 getpeername getsockname getsockopt listen pipe2 poll ppoll "
	 "pselect6 recvfrom recvmmsg recvmsg select sendfile sendmmsg sendmsg sendto "
	 "setsockopt shutdown socketpair"},
#if SANDBOX_IS_WIDE
	{"looking for leaks, by a process that stops all threads of this one",
	 "clone getdents kill mmap mprotect pipe prctl process_vm_readv ptrace setrlimit wait4"},
#endif
};

/* Nothing of ours, nor of any library that we use, ever makes these: whoever does is not us.  (Kerberos, by which libpq may
 * sign in to a database, asks for the kernel's keyring: it is told, as of all other calls, that there is none.) */
static const struct calls fatal[] = {
#if !SANDBOX_IS_WIDE
	{"other programs' memory", "ptrace"},
#endif
	{"other programs", "execve execveat fork pidfd_getfd process_vm_writev vfork"},
	{"other users",
	 "setfsgid setfsuid setgid setgroups setregid setresgid setresuid setreuid setuid"},
	{"the kernel", "bpf delete_module finit_module init_module io_uring_setup ioperm iopl "
		       "kexec_file_load kexec_load perf_event_open reboot swapoff "
		       "swapon userfaultfd"},
	{"what the file tree looks like",
	 "chroot fsconfig fsmount fsopen mount mount_setattr move_mount "
	 "name_to_handle_at open_by_handle_at open_tree pivot_root quotactl setns "
	 "sethostname umount2 unshare"},
};

/* Calls that are allowed where one argument, of which only the bits in 'mask' count, is 'value'. */
static const struct conditional {
	const char *call;
	unsigned int argument;
	uint64_t mask, value;
} conditional[] = {
	/* Threads, but no processes. */
	{"clone", 0, CLONE_THREAD, CLONE_THREAD},
	/* Memory is written or executed, never both. */
	{"mmap", 2, PROT_WRITE | PROT_EXEC, PROT_NONE},
	{"mmap", 2, PROT_WRITE | PROT_EXEC, PROT_WRITE},
	{"mmap", 2, PROT_WRITE | PROT_EXEC, PROT_EXEC},
	{"mprotect", 2, PROT_EXEC, PROT_NONE},
	/* The network's streams and datagrams, and netlink, by which names are looked up; no packets. */
	{"socket", 0, UINT32_MAX, AF_INET},
	{"socket", 0, UINT32_MAX, AF_INET6},
	{"socket", 0, UINT32_MAX, AF_NETLINK},
	{"socket", 0, UINT32_MAX, AF_UNIX},
	/* Whether a descriptor blocks, how much there is to read, and whether it is a terminal; nothing of devices. */
	{"ioctl", 1, UINT32_MAX, FIONBIO},
	{"ioctl", 1, UINT32_MAX, FIONREAD},
	{"ioctl", 1, UINT32_MAX, TCGETS},
	/* Names of threads and of memory. */
	{"prctl", 0, UINT32_MAX, 15 /* PR_SET_NAME */},
	{"prctl", 0, UINT32_MAX, 0x53564d41 /* PR_SET_VMA */},
	/* Limits are read, not set. */
	{"prlimit64", 2, UINT64_MAX, 0},
};

static int fill(scmp_filter_ctx filter);
static int add_all(scmp_filter_ctx filter, uint32_t action, const struct calls *rows, size_t count);
static int add_names(scmp_filter_ctx filter, uint32_t action, const char *names);

static inline void filter_freep(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
}

int sandbox_enter(void)
{
	_cleanup_(filter_freep) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int r;

	if (!filter)
		return -ENOMEM;
	r = fill(filter);
	if (r < 0)
		return r;
	r = seccomp_load(filter);
	/* libseccomp says ECANCELED of whatever the kernel answered. */
	return r == -ECANCELED || r == -EINVAL ? -EOPNOTSUPP : r;
}

static int fill(scmp_filter_ctx filter)
{
	int r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);

	if (r == 0)
		r = add_all(filter, SCMP_ACT_ALLOW, allowed, ARRAY_SIZE(allowed));
	if (r == 0)
		r = add_all(filter, SCMP_ACT_KILL_PROCESS, fatal, ARRAY_SIZE(fatal));
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(conditional); i++) {
		const struct conditional *row = &conditional[i];
		int call = seccomp_syscall_resolve_name(row->call);

		if (call != __NR_SCMP_ERROR)
			r = seccomp_rule_add(
				filter, SCMP_ACT_ALLOW, call, 1,
				SCMP_CMP(row->argument, SCMP_CMP_MASKED_EQ, row->mask, row->value));
	}
	return r;
}

static int add_all(scmp_filter_ctx filter, uint32_t action, const struct calls *rows, size_t count)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++)
		r = add_names(filter, action, rows[i].names);
	return r;
}

static int add_names(scmp_filter_ctx filter, uint32_t action, const char *names)
{
	while (*names != '\0') {
		size_t length = strcspn(names, " ");
		char name[CALL_NAME_SIZE] = "";
		int call, r;

		if (length >= sizeof(name))
			return -ENAMETOOLONG;
		memcpy(name, names, length);
		names += length + strspn(names + length, " ");
		call = seccomp_syscall_resolve_name(name);
		r = call == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(filter, action, call, 0);
		if (r < 0)
			return r;
	}
	return 0;
}
