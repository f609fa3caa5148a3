/* The system calls that the controller needs, and no others.
 *
 * It parses what strangers send.  Whoever makes it run code of his own shall find a process that cannot execute programs, debug,
 * mount, or load anything into the kernel: such a call ends it at once.  All others that are not listed, as for processes of its own and
 * sockets that see packets, are answered with ENOSYS, so that a newer C library falls back to what is known. */
#pragma once

/* A program that looks after its memory by a sanitizer makes processes and maps memory in its own ways, and may. */
#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_IS_WIDE 1
#elif defined(__has_feature)
#define SANDBOX_IS_WIDE __has_feature(address_sanitizer)
#else
#define SANDBOX_IS_WIDE 0
#endif

/* Confines this thread and those that it will make, for good.  Returns 0 or a fault; -EOPNOTSUPP when the kernel has no filters. */
int sandbox_enter(void);
