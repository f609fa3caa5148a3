// SPDX-License-Identifier: Apache-2.0
#include "control/headroom.h"

#include "base/text.h"

#include <string.h>

static struct headroom_row *find_row(struct headroom *headroom, enum headroom_kind kind,
				     const char *key);

bool headroom_take(struct headroom *headroom, enum headroom_kind kind, const char *key)
{
	struct headroom_row *row = find_row(headroom, kind, key);

	if (row->kind != kind || strcmp(row->key, key) != 0 || row->room <= 0)
		return false;
	row->room--;
	return true;
}

/* Two that share a row take turns in it, and count more often. */
void headroom_note(struct headroom *headroom, enum headroom_kind kind, const char *key,
		   int64_t room)
{
	struct headroom_row *row = find_row(headroom, kind, key);

	row->kind = string_copy(row->key, sizeof(row->key), key) ? kind : HEADROOM_NONE;
	row->room = room;
}

void headroom_clear(struct headroom *headroom)
{
	memset(headroom, 0, sizeof(*headroom));
}

static struct headroom_row *find_row(struct headroom *headroom, enum headroom_kind kind,
				     const char *key)
{
	uint32_t hash = 2166136261U + (uint32_t)kind;

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * 16777619;
	return &headroom->rows[hash % HEADROOM_ROWS];
}
