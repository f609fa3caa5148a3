// SPDX-License-Identifier: Apache-2.0
#include "controller/sandbox.h"

#include "base/cleanup.h"
#include "base/count.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)
#else
#define SANITIZED 0
#endif

/* By what they are for; names that a machine does not have are passed over. */
static const char *const allowed[] = {
	/* Memory. */
	"brk",
	"madvise",
	"mincore",
	"mremap",
	"munmap",
	/* Threads, each other's waiting, and their end. */
	"exit",
	"exit_group",
	"futex",
	"get_robust_list",
	"getpid",
	"gettid",
	"membarrier",
	"restart_syscall",
	"rseq",
	"sched_getaffinity",
	"sched_getparam",
	"sched_getscheduler",
	"sched_yield",
	"set_robust_list",
	"set_tid_address",
	"tgkill",
	/* Signals. */
	"rt_sigaction",
	"rt_sigpending",
	"rt_sigprocmask",
	"rt_sigreturn",
	"rt_sigtimedwait",
	"sigaltstack",
	/* Time. */
	"clock_getres",
	"clock_gettime",
	"clock_nanosleep",
	"gettimeofday",
	"nanosleep",
	"time",
	"times",
	/* What the process is. */
	"getegid",
	"geteuid",
	"getgid",
	"getppid",
	"getrandom",
	"getresgid",
	"getresuid",
	"getrlimit",
	"getrusage",
	"getuid",
	"sysinfo",
	"umask",
	"uname",
	/* Files: the store, its log and locks, keys, certificates, the audit log, backups. */
	"access",
	"close",
	"close_range",
	"dup",
	"dup2",
	"dup3",
	"faccessat",
	"faccessat2",
	"fallocate",
	"fchmod",
	"fchmodat",
	"fchown",
	"fcntl",
	"fdatasync",
	"flock",
	"fstat",
	"fstatfs",
	"fsync",
	"ftruncate",
	"getcwd",
	"getdents64",
	"link",
	"linkat",
	"lseek",
	"lstat",
	"mkdir",
	"mkdirat",
	"newfstatat",
	"open",
	"openat",
	"pread64",
	"preadv",
	"pwrite64",
	"pwritev",
	"read",
	"readlink",
	"readlinkat",
	"readv",
	"rename",
	"renameat",
	"renameat2",
	"rmdir",
	"stat",
	"statfs",
	"statx",
	"unlink",
	"unlinkat",
	"utimensat",
	"write",
	"writev",
	/* Connections, and waiting for them. */
	"accept",
	"accept4",
	"bind",
	"connect",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_pwait2",
	"epoll_wait",
	"eventfd2",
	"getpeername",
	"getsockname",
	"getsockopt",
	"listen",
	"pipe2",
	"poll",
	"ppoll",
	"pselect6",
	"recvfrom",
	"recvmmsg",
	"recvmsg",
	"select",
	"sendfile",
	"sendmmsg",
	"sendmsg",
	"sendto",
	"setsockopt",
	"shutdown",
	"socketpair",
};

/* Nothing of ours, nor of any library's that we use, ever makes these: whoever does is not us. */
static const char *const fatal[] = {
	"add_key",
	"bpf",
	"chroot",
	"delete_module",
	"execve",
	"execveat",
	"finit_module",
	"fork",
	"fsconfig",
	"fsmount",
	"fsopen",
	"init_module",
	"io_uring_setup",
	"ioperm",
	"iopl",
	"kexec_file_load",
	"kexec_load",
	"keyctl",
	"mount",
	"mount_setattr",
	"move_mount",
	"name_to_handle_at",
	"open_by_handle_at",
	"open_tree",
	"perf_event_open",
	"personality",
	"pidfd_getfd",
	"pivot_root",
	"process_vm_writev",
	"ptrace",
	"quotactl",
	"reboot",
	"request_key",
	"setfsgid",
	"setfsuid",
	"setgid",
	"setgroups",
	"sethostname",
	"setns",
	"setregid",
	"setresgid",
	"setresuid",
	"setreuid",
	"setuid",
	"swapoff",
	"swapon",
	"umount2",
	"unshare",
	"userfaultfd",
	"vfork",
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
	{"socket", 0, UINT64_MAX, AF_INET},
	{"socket", 0, UINT64_MAX, AF_INET6},
	{"socket", 0, UINT64_MAX, AF_NETLINK},
	{"socket", 0, UINT64_MAX, AF_UNIX},
	/* Whether a descriptor blocks, how much there is to read, and whether it is a terminal; nothing of devices. */
	{"ioctl", 1, UINT64_MAX, FIONBIO},
	{"ioctl", 1, UINT64_MAX, FIONREAD},
	{"ioctl", 1, UINT64_MAX, TCGETS},
	/* Names of threads and of memory. */
	{"prctl", 0, UINT64_MAX, 15 /* PR_SET_NAME */},
	{"prctl", 0, UINT64_MAX, 0x53564d41 /* PR_SET_VMA */},
	/* Limits are read, not set. */
	{"prlimit64", 2, UINT64_MAX, 0},
};

#if SANITIZED
/* Leaks are looked for by a process that stops all threads of this one. */
static const char *const sanitizer[] = {
	"clone",
	"kill",
	"mmap",
	"mprotect",
	"pipe",
	"prctl",
	"process_vm_readv",
	"ptrace",
	"sched_setaffinity",
	"setrlimit",
	"wait4",
};
#endif

static int fill(scmp_filter_ctx filter);
static int add_names(scmp_filter_ctx filter, uint32_t action, const char *const *names,
		     size_t count);

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
		r = add_names(filter, SCMP_ACT_ALLOW, allowed, ARRAY_SIZE(allowed));
#if SANITIZED
	if (r == 0)
		r = add_names(filter, SCMP_ACT_ALLOW, sanitizer, ARRAY_SIZE(sanitizer));
#endif
	if (r == 0)
		r = add_names(filter, SCMP_ACT_KILL_PROCESS, fatal, ARRAY_SIZE(fatal));
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

/* A rule for a call that has one already is the same rule, or stays without effect: the first one counts. */
static int add_names(scmp_filter_ctx filter, uint32_t action, const char *const *names,
		     size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int call = seccomp_syscall_resolve_name(names[i]);
		int r = call == __NR_SCMP_ERROR ? 0 : seccomp_rule_add(filter, action, call, 0);

		if (r < 0 && r != -EEXIST)
			return r;
	}
	return 0;
}
