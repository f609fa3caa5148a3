// SPDX-License-Identifier: Apache-2.0
#include "ship/bell.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_size(void);

int bell_open(int descriptor, struct bell *ret_bell)
{
	_cleanup_bell_ struct bell bell = {};
	size_t page = page_size();
	void *part;

	part = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
	if (part == MAP_FAILED)
		return -errno;
	bell.consumer = part;
	part = mmap(NULL, page, PROT_READ, MAP_SHARED, descriptor, (off_t)page);
	if (part == MAP_FAILED)
		return -errno;
	bell.producer = part;
	*ret_bell = bell;
	bell = (struct bell){};
	return 0;
}

void bell_close(struct bell *bell)
{
	if (bell->consumer)
		munmap(bell->consumer, page_size());
	if (bell->producer)
		munmap((void *)(uintptr_t)bell->producer, page_size());
	*bell = (struct bell){};
}

void bell_silence(struct bell *bell)
{
	unsigned long producer = __atomic_load_n(bell->producer, __ATOMIC_ACQUIRE);

	__atomic_store_n(bell->consumer, producer, __ATOMIC_RELEASE);
}

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}
