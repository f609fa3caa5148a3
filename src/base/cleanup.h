/* Release at scope exit, so that a function can be judged without opening the functions it calls.
 *
 * An owning local carries _cleanup_(x_freep) and starts at NULL (or -1 for a descriptor); what
 * leaves the scope goes through TAKE_PTR or TAKE_FD.  DEFINE_CLEANUP(struct x *, x_free) makes the
 * x_freep that the attribute needs. */
#pragma once

#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function)   __attribute__((cleanup(function)))
#define _printf_(text, first) __attribute__((format(printf, text, first)))
#define _unused_              __attribute__((unused))
#define _noinline_            __attribute__((noinline))

#define DEFINE_CLEANUP(type, function)               \
	static inline void function##p(type *object) \
	{                                            \
		if (*object)                         \
			function(*object);           \
	}

static inline void freep(void *pointer)
{
	free(*(void **)pointer);
}

static inline void closep(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
}

#define _cleanup_free_  _cleanup_(freep)
#define _cleanup_close_ _cleanup_(closep)

#define TAKE_PTR(pointer)                       \
	({                                      \
		__auto_type _taken = (pointer); \
		(pointer) = NULL;               \
		_taken;                         \
	})

static inline int take_descriptor(int *descriptor)
{
	int taken = *descriptor;

	*descriptor = -1;
	return taken;
}

#define TAKE_FD(descriptor) take_descriptor(&(descriptor))
