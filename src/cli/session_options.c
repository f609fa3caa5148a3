// SPDX-License-Identifier: Apache-2.0
#include "cli/session.h"

#include "base/count.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static void write_quantity(const char *digits, struct text *cell);

/* What the element says, as a phrase around its value; what AWS's sessions do is not worth a word. */
static const struct phrase {
	const char *path, *usual, *also_usual; /* Values that are not told; NULL: none. */
	const char *before, *after;
	enum { SHOW_VALUE, SHOW_QUANTITY, SHOW_NOTHING } show;
} phrases[] = {
	{"paused", "false", NULL, "paused", "", SHOW_NOTHING},
	{"packetSampling", "0", "1", "1/", " packets", SHOW_VALUE},
	{"flowSampling", "0", "1", "1/", " flows", SHOW_VALUE},
	{"maxBitsPerSecond", "0", NULL, "", " bit/s", SHOW_QUANTITY},
	{"maxPacketsPerSecond", "0", NULL, "", " packets/s", SHOW_QUANTITY},
	{"priority", "0", NULL, "priority ", "", SHOW_VALUE},
	{"continue", "false", NULL, "continue", "", SHOW_NOTHING},
	{"expirationTime", NULL, NULL, "until ", "", SHOW_VALUE},
	{"encapsulation", "vxlan", NULL, "", "", SHOW_VALUE},
	{"outerDscp", "0", NULL, "DSCP ", "", SHOW_VALUE},
	{"outerDestinationPort", "0", NULL, "port ", "", SHOW_VALUE},
	{"outerSourceAddress", NULL, NULL, "from ", "", SHOW_VALUE},
};

static bool is_usual(const struct phrase *phrase, const char *value)
{
	return (phrase->usual && strcmp(value, phrase->usual) == 0) ||
	       (phrase->also_usual && strcmp(value, phrase->also_usual) == 0);
}

void write_session_options(const struct tmirror_node *session, struct text *cell)
{
	const struct tmirror_node *extension = tmirror_node_find(session, "extension");

	for (size_t i = 0; extension && i < ARRAY_SIZE(phrases); i++) {
		const struct phrase *phrase = &phrases[i];
		const char *value = tmirror_node_text(extension, phrase->path);

		if (!value || is_usual(phrase, value))
			continue;
		text_printf(cell, "%s%s", cell->length ? ", " : "", phrase->before);
		if (phrase->show == SHOW_VALUE)
			text_append(cell, value);
		else if (phrase->show == SHOW_QUANTITY)
			write_quantity(value, cell);
		text_append(cell, phrase->after);
	}
}

/* "10M" for 10000000, but all digits where a unit would drop some. */
static void write_quantity(const char *digits, struct text *cell)
{
	static const char units[] = " kMGT";
	unsigned long long number = strtoull(digits, NULL, 10);
	size_t unit = 0;

	while (number != 0 && number % 1000 == 0 && unit + 2 < sizeof(units)) {
		number /= 1000;
		unit++;
	}
	text_printf(cell, "%llu", number);
	if (unit > 0)
		text_append_char(cell, units[unit]);
}
