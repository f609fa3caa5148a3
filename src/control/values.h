/* What a request wrote, taken into the domain's types.  Private to control/. */
#pragma once

#include "control/control.h"
#include "mirror/source.h"

/* Refuses a number outside of its range, or one that is not given.  'what' is the parameter's name. */
int number_take(const struct optional_number *number, const char *what, int64_t minimum,
		int64_t maximum, int64_t *ret_number, struct refusal *why);

/* NULL is none. */
int description_take(const char *description, char ret_description[static DESCRIPTION_SIZE],
		     struct refusal *why);

/* A parameter that must be given. */
int text_require(const char *text, const char *what, struct refusal *why);
