// SPDX-License-Identifier: Apache-2.0
/* A file of settings is refused with a place, or shown as a file that says the same. */
#include "base/count.h"
#include "base/refusal.h"
#include "fuzz.h"
#include "settings/gather.h"

#include <stdio.h>
#include <string.h>

static int set(void *target _unused_, const char *value _unused_, struct refusal *why _unused_)
{
	return 0;
}

static const struct setting_row rows[] = {
	{"one", 'o', "WORD", "one word", set},
	{"some", 0, "WORD", "some words", set, .repeated = true},
	{"switch", 0, NULL, "a switch", set},
};

static const struct settings_about about = {
	.program = "fuzz", .environment = "FUZZ_", .rows = rows, .row_count = ARRAY_SIZE(rows)};

static void stuck(const struct setting_row *row _unused_)
{
	require(false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_settings_ struct settings settings = {.about = &about}, again = {.about = &about};
	_cleanup_free_ char *text = strndup((const char *)data, size), *shown = NULL;
	struct refusal why = {};
	size_t shown_size;
	FILE *file;
	int r;

	require(text);
	r = settings_read_text(&settings, "input", text, strlen(text), &why);
	require(r == 0 || (r == REFUSED && strncmp(why.text, "input:", 6) == 0));
	if (r != 0)
		return 0;
	file = open_memstream(&shown, &shown_size);
	require(file && settings_show(&settings, file) == 0 && fclose(file) == 0);
	r = settings_read_text(&again, "shown", shown, shown_size, &why);
	/* Line breaks and what else YAML folds or refuses within quotes no setting has; passwords are left out. */
	if (strpbrk(text, "\n\\\"|>") || strstr(text, "://"))
		return 0;
	require(r == 0);
	settings_renew(&settings, &again, stuck);
	return 0;
}
