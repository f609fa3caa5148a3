// SPDX-License-Identifier: Apache-2.0
/* Most attempts to take a place find it taken, the later the more: eleven for each place in all.  Whether it is taken is
 * therefore asked of a bit map, which stays in the nearest cache. */
#include "balance/maglev.h"

#include "base/count.h"

#include <errno.h>
#include <string.h>

#define WORD_BITS 64

struct maglev {
	uint16_t members[MAGLEV_PLACES]; /* Indices, or MAGLEV_NOBODY. */
};

/* A member who takes places. */
struct taker {
	uint64_t name;
	uint32_t place; /* The next one of his permutation. */
	uint32_t step;  /* From each place of it to the next, modulo the number of places. */
	uint32_t weight;
	uint32_t credit; /* He takes a place whenever it reaches the largest weight. */
	uint16_t member;
};

struct takers {
	size_t count;
	uint32_t weight_max;
	struct taker items[];
};

/* One bit for each place. */
struct free_places {
	size_t count;
	uint64_t words[(MAGLEV_PLACES + WORD_BITS - 1) / WORD_BITS];
};

static int takers_new(const struct maglev_member *members, size_t count, bool serving_only,
		      struct takers **ret_takers);
static struct taker taker_make(const struct maglev_member *member, size_t index);
static uint64_t name_mix(uint64_t name);
static int taker_compare(const void *a, const void *b);
static void places_free_all(struct free_places *places);
static void places_give_up(struct maglev *maglev, const struct maglev_member *members,
			   struct free_places *places);
static void places_share(struct maglev *maglev, struct takers *takers, struct free_places *places);
static uint32_t place_take(struct taker *taker, struct free_places *places);

int maglev_new(const struct maglev_member *members, size_t count, struct maglev **ret_maglev)
{
	_cleanup_(maglev_freep) struct maglev *maglev = malloc(sizeof(*maglev));
	_cleanup_free_ struct takers *all = NULL, *serving = NULL;
	struct free_places places;

	if (!maglev || takers_new(members, count, false, &all) ||
	    takers_new(members, count, true, &serving))
		return -ENOMEM;
	memset(maglev->members, 0xff, sizeof(maglev->members));
	places_free_all(&places);
	if (serving->count > 0) {
		places_share(maglev, all, &places);
		places_give_up(maglev, members, &places);
		places_share(maglev, serving, &places);
	}
	*ret_maglev = TAKE_PTR(maglev);
	return 0;
}

void maglev_free(struct maglev *maglev)
{
	free(maglev);
}

uint16_t maglev_find(const struct maglev *maglev, uint64_t flow)
{
	return maglev->members[(uint32_t)flow * (uint64_t)MAGLEV_PLACES >> 32];
}

static int takers_new(const struct maglev_member *members, size_t count, bool serving_only,
		      struct takers **ret_takers)
{
	struct takers *takers = calloc(1, sizeof(*takers) + count * sizeof(takers->items[0]));

	if (!takers)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (serving_only && !members[i].serves)
			continue;
		takers->items[takers->count++] = taker_make(&members[i], i);
		takers->weight_max = MAX(takers->weight_max, members[i].weight);
	}
	qsort(takers->items, takers->count, sizeof(takers->items[0]), taker_compare);
	*ret_takers = takers;
	return 0;
}

static struct taker taker_make(const struct maglev_member *member, size_t index)
{
	uint64_t mixed = name_mix(member->name);

	return (struct taker){.name = member->name,
			      .place = (uint32_t)mixed % MAGLEV_PLACES,
			      .step = (uint32_t)(mixed >> 32) % (MAGLEV_PLACES - 1) + 1,
			      .weight = member->weight,
			      .member = (uint16_t)index};
}

/* The finalizer of splitmix64 (Steele, Lea, Flood, OOPSLA 2014), so that similar names differ everywhere. */
static uint64_t name_mix(uint64_t name)
{
	name += 0x9e3779b97f4a7c15ULL;
	name = (name ^ (name >> 30)) * 0xbf58476d1ce4e5b9ULL;
	name = (name ^ (name >> 27)) * 0x94d049bb133111ebULL;
	return name ^ (name >> 31);
}

static int taker_compare(const void *a, const void *b)
{
	const struct taker *left = a, *right = b;

	return (left->name > right->name) - (left->name < right->name);
}

static void places_free_all(struct free_places *places)
{
	memset(places->words, 0xff, sizeof(places->words));
	places->count = MAGLEV_PLACES;
}

/* Frees the places of members that do not serve. */
static void places_give_up(struct maglev *maglev, const struct maglev_member *members,
			   struct free_places *places)
{
	for (size_t i = 0; i < MAGLEV_PLACES; i++) {
		if (members[maglev->members[i]].serves)
			continue;
		places->words[i / WORD_BITS] |= 1ULL << i % WORD_BITS;
		places->count++;
	}
}

/* Until no place is free. */
static void places_share(struct maglev *maglev, struct takers *takers, struct free_places *places)
{
	for (size_t turn = 0; places->count > 0; turn = (turn + 1) % takers->count) {
		struct taker *taker = &takers->items[turn];

		taker->credit += taker->weight;
		if (taker->credit < takers->weight_max)
			continue;
		taker->credit -= takers->weight_max;
		maglev->members[place_take(taker, places)] = taker->member;
	}
}

/* At least one is free; a permutation that has come to its end begins anew. */
static uint32_t place_take(struct taker *taker, struct free_places *places)
{
	uint32_t place = taker->place, step = taker->step;

	while (!(places->words[place / WORD_BITS] >> place % WORD_BITS & 1)) {
		place += step;
		place -= place >= MAGLEV_PLACES ? MAGLEV_PLACES : 0;
	}
	places->words[place / WORD_BITS] &= ~(1ULL << place % WORD_BITS);
	places->count--;
	taker->place = place;
	return place;
}
