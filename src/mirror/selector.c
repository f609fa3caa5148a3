// SPDX-License-Identifier: Apache-2.0
#include "mirror/selector.h"

#include "base/array.h"
#include "base/text.h"
#include "mirror/refusals.h"

#include <string.h>

/* Comparisons of characters that take as long as to look for a tag among others. */
#define STEPS_OF_TAG 256

static int bounds_validate(const struct selector *selector, struct refusal *why);
static int term_validate(const struct selector_term *term, struct refusal *why);
static bool term_matches(const struct selector_term *term, const struct tags *own,
			 const struct tags *instance, unsigned int *effort);
static bool term_has_run(const struct selector_term *term);

void selector_fini(struct selector *selector)
{
	selector_clear_terms(selector);
	free(selector->terms);
	*selector = (struct selector){};
}

int selector_add_term(struct selector *selector, unsigned int filter, const char *key,
		      const char *value)
{
	_cleanup_free_ char *own_key = strdup(key), *own_value = value ? strdup(value) : NULL;
	struct selector_term term = {filter, own_key, own_value};
	int r;

	if (!own_key || (value && !own_value))
		return -ENOMEM;
	r = array_append(selector, terms, term_count, term_capacity, term);
	if (r < 0)
		return r;
	own_key = own_value = NULL;
	return 0;
}

void selector_clear_terms(struct selector *selector)
{
	for (; selector->term_count > 0; selector->term_count--) {
		free(selector->terms[selector->term_count - 1].key);
		free(selector->terms[selector->term_count - 1].value);
	}
}

int selector_validate(const struct selector *selector, struct refusal *why)
{
	int r = 0;

	if (selector->term_count == 0)
		return refuse(why, REFUSE_PARAMETER_MISSING,
			      "The request must contain the parameter TagFilter: a selector needs "
			      "tags to go by");
	for (size_t i = 0; r == 0 && i < selector->term_count; i++)
		r = term_validate(&selector->terms[i], why);
	if (r == 0)
		r = bounds_validate(selector, why);
	return r == 0 ? session_validate(&selector->model, why) : r;
}

bool selector_is_over(const struct selector *selector, int64_t now)
{
	int64_t end = selector->model.options.expires;

	return selector->ending || (end != 0 && end <= now / 1000);
}

bool selector_matches(const struct selector *selector, const struct tags *own,
		      const struct tags *instance, unsigned int *effort)
{
	size_t i = 0;

	while (i < selector->term_count) {
		unsigned int filter = selector->terms[i].filter;
		bool found = false;

		for (; i < selector->term_count && selector->terms[i].filter == filter; i++)
			found = found || term_matches(&selector->terms[i], own, instance, effort);
		if (!found)
			return false;
	}
	return selector->term_count > 0;
}

static int bounds_validate(const struct selector *selector, struct refusal *why)
{
	size_t filters = 0, values = 0, most = 0, runs = 0;

	for (size_t i = 0; i < selector->term_count; i++) {
		const struct selector_term *term = &selector->terms[i];
		bool first = i == 0 || term->filter != selector->terms[i - 1].filter;

		filters += first;
		values = first ? 1 : values + 1;
		most = values > most ? values : most;
		runs += term_has_run(term) ? strlen(term->value) : 0;
	}
	if (filters > SELECTOR_FILTERS_MAX || most > SELECTOR_VALUES_MAX ||
	    selector->term_count > SELECTOR_TERMS_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "A selector has at most %d tag filters of at most %d values, and %d "
			      "values altogether",
			      SELECTOR_FILTERS_MAX, SELECTOR_VALUES_MAX, SELECTOR_TERMS_MAX);
	if (runs > SELECTOR_RUNS_MAX)
		return refuse(
			why, REFUSE_PARAMETER_VALUE,
			"The values with '*' of a selector have at most %d bytes together, not "
			"%zu",
			SELECTOR_RUNS_MAX, runs);
	return 0;
}

/* Keys may also be the inventory's own, as "tmirror:orientation". */
static int term_validate(const struct selector_term *term, struct refusal *why)
{
	if (term->key[0] == '\0' || !text_is_presentable(term->key, TAG_KEY_LENGTH_MAX))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The tag key '%.128s' is empty, longer than %d characters, or not "
			      "plain text",
			      term->key, TAG_KEY_LENGTH_MAX);
	if (term->value && !text_is_presentable(term->value, TAG_VALUE_LENGTH_MAX))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "A value for the tag '%.128s' is longer than %d characters, or not "
			      "plain text",
			      term->key, TAG_VALUE_LENGTH_MAX);
	return 0;
}

/* A run is tried at each place of the value. */
static bool term_matches(const struct selector_term *term, const struct tags *own,
			 const struct tags *instance, unsigned int *effort)
{
	const char *value = tags_get(own, term->key);

	if (!value)
		value = tags_get(instance, term->key);
	(*effort)++;
	if (value && term_has_run(term))
		*effort += (unsigned int)(strlen(term->value) * strlen(value) / STEPS_OF_TAG);
	return value && (!term->value || string_matches(term->value, value));
}

static bool term_has_run(const struct selector_term *term)
{
	return term->value && strchr(term->value, '*');
}
