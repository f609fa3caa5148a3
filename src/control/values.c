// SPDX-License-Identifier: Apache-2.0
#include "control/values.h"

#include "base/text.h"

int number_take(const struct optional_number *number, const char *what, int64_t minimum,
		int64_t maximum, int64_t *ret_number, struct refusal *why)
{
	if (!number->set)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain the parameter %s", what);
	if (number->value < minimum || number->value > maximum)
		return refuse(
			why, REFUSE_PARAMETER_VALUE,
			"Value (%lld) for parameter %s is invalid: it is not between %lld and "
			"%lld",
			(long long)number->value, what, (long long)minimum, (long long)maximum);
	*ret_number = number->value;
	return 0;
}

int description_take(const char *description, char ret_description[static DESCRIPTION_SIZE],
		     struct refusal *why)
{
	if (!description)
		description = "";
	if (!text_is_presentable(description, DESCRIPTION_LENGTH_MAX) ||
	    !string_copy(ret_description, DESCRIPTION_SIZE, description))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The description is longer than %d characters, or not plain text",
			      DESCRIPTION_LENGTH_MAX);
	return 0;
}

int text_require(const char *text, const char *what, struct refusal *why)
{
	if (text && text[0] != '\0')
		return 0;
	return refuse(why, REFUSE_PARAMETER_MISSING, "The request must contain the parameter %s",
		      what);
}
