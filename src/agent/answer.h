/* What the controller says in the XML of its answers, as far as an agent has to know. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The text of the first element of that name.  Returns false, with an empty text, if there is none or it does not fit. */
bool answer_get_element(const char *body, const char *element, char *ret_text, size_t size);

/* The sentence of an error; else how the answer begins. */
void answer_explain(const char *body, char *ret_text, size_t size);
