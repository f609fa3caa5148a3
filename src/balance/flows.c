// SPDX-License-Identifier: Apache-2.0
/* The hard idea is how a table grows while it is used.  Its levels lie one behind the other, each eight times as large as the one
 * before, and all have their addresses from the start, though memory only once they are used:
 *
 *	0        N           2N            8N           16N
 *	+--------+-----------+ - - - - - - +------------+ - - -
 *	| header | N buckets |   unused    | 8N buckets |
 *	+--------+-----------+ - - - - - - +------------+ - - -
 *
 * New flows are held at the present level.  A word does not say where its flow belongs at another one, so it stays until the flow is asked
 * for: who is not at the present level is looked for at the earlier ones, and taken along. */
#include "balance/flows.h"

#include "balance/flow_word.h"
#include "base/count.h"

#include <errno.h>
#include <sys/mman.h>

#define BUCKET_WORDS    8
#define LEVEL_LEAST     (FLOWS_CAPACITY_LEAST / BUCKET_WORDS)
#define GROWTH_SHIFT    3 /* Eight times as many buckets. */
#define FEW_SHIFT       6 /* Fewer than one in 64 places taken: the table shrinks. */
#define HUGE_SIZE_LEAST (4UL << 20)

/* A level is known by the number of its buckets, a power of two, which is also where they begin. */
struct flows {
	uint64_t level, largest_level;
	struct flows_budget *budget;
	bool refused; /* It may not grow: the kernel has no memory for more, or it shrinks just now. */

	/* Written for each place that a sweep looks at, so not in the line of memory that every sender reads. */
	_Alignas(64) size_t swept; /* The word that comes next. */
	size_t alive;              /* Flows that this pass has seen. */
};

_Static_assert(sizeof(struct flows) <= LEVEL_LEAST * BUCKET_WORDS * sizeof(uint64_t),
	       "the header fits before the first level");

static bool flows_grow(struct flows *flows, uint64_t level);
static void flows_shrink(struct flows *flows, uint32_t now);
static bool budget_take(struct flows_budget *budget, size_t places);
static void budget_return(struct flows_budget *budget, size_t places);
static uint64_t level_load(const struct flows *flows);
static bool level_replace(struct flows *flows, uint64_t present, uint64_t next);
static size_t level_count(struct flows *flows, uint64_t level, uint32_t now);
static uint64_t level_after(uint64_t level, uint64_t last);
static uint64_t level_before(uint64_t level);
static size_t level_words(uint64_t level);
static size_t level_end(uint64_t level);
static void level_advise(struct flows *flows, uint64_t level);
static uint64_t *bucket_find(struct flows *flows, uint64_t flow, uint64_t level);
static uint64_t *word_at(struct flows *flows, size_t index);
static size_t word_after(uint64_t last, size_t index);
static uint64_t *word_find(uint64_t *bucket, uint64_t flow, uint64_t *ret_present);
static uint64_t *word_find_earlier(struct flows *flows, uint64_t flow, uint64_t level,
				   uint64_t *ret_present);
static void word_take_along(uint64_t *bucket, uint64_t *word, uint64_t present, uint32_t now);
static uint64_t *word_choose(uint64_t *bucket, uint64_t flow, uint32_t now, uint64_t *ret_present);
static void word_count(struct flows *flows, uint64_t word, struct flows_count *count);

int flows_new(size_t capacity, struct flows_budget *budget, struct flows **ret_flows)
{
	uint64_t largest = LEVEL_LEAST;
	struct flows *flows;

	while (largest * BUCKET_WORDS < MIN(capacity, FLOWS_CAPACITY_LARGEST))
		largest *= 2;
	flows = mmap(NULL, level_end(largest), PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (flows == MAP_FAILED)
		return -ENOMEM;
	if (mprotect(flows, level_end(LEVEL_LEAST), PROT_READ | PROT_WRITE) < 0) {
		(void)munmap(flows, level_end(largest));
		return -ENOMEM;
	}
	*flows = (struct flows){
		.level = LEVEL_LEAST,
		.largest_level = largest,
		.swept = level_words(LEVEL_LEAST),
		.budget = budget,
	};
	level_advise(flows, LEVEL_LEAST);
	*ret_flows = flows;
	return 0;
}

void flows_free(struct flows *flows)
{
	if (!flows)
		return;
	budget_return(flows->budget, flows_get_size(flows) - FLOWS_CAPACITY_LEAST);
	(void)munmap(flows, level_end(flows->largest_level));
}

void flows_prefetch(struct flows *flows, uint64_t flow)
{
	__builtin_prefetch(bucket_find(flows, flow, level_load(flows)));
}

uint16_t flows_find(struct flows *flows, uint64_t flow, uint32_t now, uint32_t idle)
{
	const uint64_t level = level_load(flows);
	uint64_t *bucket = bucket_find(flows, flow, level), present = 0, renewed;
	uint64_t *word = word_find(bucket, flow, &present);

	if (!word)
		word = word_find_earlier(flows, flow, level, &present);
	if (!until_left(present, now))
		return FLOWS_UNKNOWN;
	renewed = word_make(flow, word_appliance(present), until_make(now, idle));
	if ((renewed == present || word_replace(word, present, renewed)) && word < bucket)
		word_take_along(bucket, word, renewed, now);
	return word_appliance(present);
}

enum flows_change flows_hold(struct flows *flows, uint64_t flow, uint16_t appliance, uint32_t now,
			     uint32_t idle)
{
	const uint64_t value = word_make(flow, appliance, until_make(now, idle));
	enum flows_change change;
	uint64_t *word, present;

	do {
		const uint64_t level = level_load(flows);
		uint64_t *bucket = bucket_find(flows, flow, level);

		/* Where flows_find() finds it, should two threads have held it twice. */
		word = word_find(bucket, flow, &present);
		if (!word)
			word = word_find_earlier(flows, flow, level, &present);
		if (!word)
			word = word_choose(bucket, flow, now, &present);
		change = FLOWS_RENEWED;
		if (word_is_of(present, flow))
			continue;
		change = until_left(present, now) ? FLOWS_REPLACED : FLOWS_ADDED;
		if (change == FLOWS_REPLACED && flows_grow(flows, level))
			word = NULL;
	} while (!word || !word_replace(word, present, value));
	return change;
}

void flows_forget(struct flows *flows, const bool *gone, size_t limit)
{
	const uint64_t last = level_load(flows);
	size_t i = level_words(LEVEL_LEAST);

	for (; i < level_words(2 * last); i = word_after(last, i)) {
		uint64_t *word = word_at(flows, i), present = word_load(word);

		if (present && word_appliance(present) < limit && gone[word_appliance(present)])
			(void)word_replace(word, present, 0);
	}
}

size_t flows_get_size(const struct flows *flows)
{
	const uint64_t last = level_load(flows);
	size_t size = level_words(last);

	for (uint64_t level = LEVEL_LEAST; level < last; level = level_after(level, last))
		size += level_words(level);
	return size;
}

bool flows_sweep(struct flows *flows, uint32_t now, size_t places, struct flows_count *count)
{
	const uint64_t last = level_load(flows);
	const size_t end = level_words(2 * last);

	for (; places > 0 && flows->swept < end; places--) {
		uint64_t *word = word_at(flows, flows->swept), present = word_load(word);

		if (until_left(present, now))
			word_count(flows, present, count);
		else if (present)
			(void)word_replace(word, present, 0);
		flows->swept = word_after(last, flows->swept);
	}
	if (flows->swept < end)
		return false;
	if (flows->alive << FEW_SHIFT < level_words(last))
		flows_shrink(flows, now);
	flows->swept = level_words(LEVEL_LEAST);
	flows->alive = 0;
	return true;
}

/* Returns whether the present level is another one by now. */
static bool flows_grow(struct flows *flows, uint64_t level)
{
	const uint64_t next = level_after(level, flows->largest_level);

	if (next == level || __atomic_load_n(&flows->refused, __ATOMIC_RELAXED) ||
	    !budget_take(flows->budget, level_words(next)))
		return level_load(flows) != level;
	if (mprotect(flows, level_end(next), PROT_READ | PROT_WRITE) < 0) {
		/* What was refused once is not asked for with every packet. */
		__atomic_store_n(&flows->refused, true, __ATOMIC_RELAXED);
		budget_return(flows->budget, level_words(next));
		return false;
	}
	level_advise(flows, next);
	if (!level_replace(flows, level, next))
		budget_return(flows->budget, level_words(next));
	return true;
}

/* Back to the level before this one, where the few flows find room: it has eight times as much as they need.  They are counted once more,
 * for many may have come behind the sweep; and nobody makes this level the present one again before all have left it.  Whom
 * another thread holds at this very moment is forgotten. */
static void flows_shrink(struct flows *flows, uint32_t now)
{
	const uint64_t level = level_load(flows), next = level_before(level);
	const size_t count = level_words(level);
	const bool refused = __atomic_load_n(&flows->refused, __ATOMIC_RELAXED);

	if (next == level || level_count(flows, level, now) << FEW_SHIFT >= level_words(level))
		return;
	__atomic_store_n(&flows->refused, true, __ATOMIC_RELAXED);
	if (!level_replace(flows, level, next)) {
		__atomic_store_n(&flows->refused, refused, __ATOMIC_RELAXED);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		uint64_t *word = word_at(flows, count + i), present = word_load(word);

		if (present)
			word_take_along(bucket_find(flows, i / BUCKET_WORDS, next), word, present,
					now);
	}
	(void)madvise(word_at(flows, count), count * sizeof(uint64_t), MADV_DONTNEED);
	level_advise(flows, next);
	budget_return(flows->budget, count);
	__atomic_store_n(&flows->refused, refused, __ATOMIC_RELEASE);
}

static bool budget_take(struct flows_budget *budget, size_t places)
{
	size_t left = budget ? atomic_load_explicit(&budget->left, memory_order_relaxed) : 0;

	while (budget && left >= places)
		if (atomic_compare_exchange_weak_explicit(&budget->left, &left, left - places,
							  memory_order_relaxed,
							  memory_order_relaxed))
			return true;
	return !budget;
}

static void budget_return(struct flows_budget *budget, size_t places)
{
	if (budget)
		atomic_fetch_add_explicit(&budget->left, places, memory_order_relaxed);
}

/* Before its buckets are used. */
static uint64_t level_load(const struct flows *flows)
{
	return __atomic_load_n(&flows->level, __ATOMIC_ACQUIRE);
}

static bool level_replace(struct flows *flows, uint64_t present, uint64_t next)
{
	return __atomic_compare_exchange_n(&flows->level, &present, next, false, __ATOMIC_RELEASE,
					   __ATOMIC_RELAXED);
}

/* Flows at the level that are alive. */
static size_t level_count(struct flows *flows, uint64_t level, uint32_t now)
{
	const size_t words = level_words(level);
	size_t count = 0;

	for (size_t i = 0; i < words; i++)
		count += until_left(word_load(word_at(flows, words + i)), now) > 0;
	return count;
}

/* The last one is its own successor. */
static uint64_t level_after(uint64_t level, uint64_t last)
{
	return MIN(level << GROWTH_SHIFT, last);
}

/* The first one is its own predecessor. */
static uint64_t level_before(uint64_t level)
{
	uint64_t before = LEVEL_LEAST;

	while (level_after(before, level) < level)
		before = level_after(before, level);
	return before;
}

static size_t level_words(uint64_t level)
{
	return level * BUCKET_WORDS;
}

/* Where its bytes end. */
static size_t level_end(uint64_t level)
{
	return 2 * level_words(level) * sizeof(uint64_t);
}

/* Flows are anywhere in it: with small pages each of a large one would miss the CPU's table of those.  A level is used once the one
 * before is full, so of a large one hardly a small page would have stayed empty. */
static void level_advise(struct flows *flows, uint64_t level)
{
	(void)madvise(flows, level_end(level),
		      level_end(level) / 2 >= HUGE_SIZE_LEAST ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
}

static uint64_t *bucket_find(struct flows *flows, uint64_t flow, uint64_t level)
{
	return word_at(flows, level_words(level | (flow & (level - 1))));
}

static uint64_t *word_at(struct flows *flows, size_t index)
{
	return (uint64_t *)flows + index;
}

/* Over what lies between two levels, of which 'last' is the last.  Where the index is a power of two, a level has ended. */
static size_t word_after(uint64_t last, size_t index)
{
	const uint64_t ended = ++index / BUCKET_WORDS / 2;

	if ((index & (index - 1)) != 0 || ended == last)
		return index;
	return level_words(level_after(ended, last));
}

/* Leaves 'ret_present' as it is when the flow is not there. */
static uint64_t *word_find(uint64_t *bucket, uint64_t flow, uint64_t *ret_present)
{
	for (size_t i = 0; i < BUCKET_WORDS; i++) {
		uint64_t present = word_load(&bucket[i]);

		if (!word_is_of(present, flow))
			continue;
		*ret_present = present;
		return &bucket[i];
	}
	return NULL;
}

/* Where the flow was held when there were fewer buckets; or at the present level after all, if another thread takes it along just
 * now. */
static uint64_t *word_find_earlier(struct flows *flows, uint64_t flow, uint64_t present_level,
				   uint64_t *ret_present)
{
	uint64_t *word = NULL;

	for (uint64_t level = present_level; !word && level > LEVEL_LEAST;) {
		level = level_before(level);
		word = word_find(bucket_find(flows, flow, level), flow, ret_present);
	}
	return word || present_level == LEVEL_LEAST
		       ? word
		       : word_find(bucket_find(flows, flow, present_level), flow, ret_present);
}

/* Moves a flow into another bucket, if that has room and no other thread is doing the same. */
static void word_take_along(uint64_t *bucket, uint64_t *word, uint64_t present, uint32_t now)
{
	uint64_t over, *room = word_choose(bucket, present, now, &over);

	if (!until_left(over, now) && word_replace(room, over, present) &&
	    !word_replace(word, present, 0))
		(void)word_replace(room, present, 0);
}

/* The flow's own word, else a free one, else that of the flow that is over or will be first.  Each is looked at once, so that another thread
 * that holds the same flow at this moment takes the word that this one is about to. */
static uint64_t *word_choose(uint64_t *bucket, uint64_t flow, uint32_t now, uint64_t *ret_present)
{
	uint32_t least = UINT32_MAX;
	uint64_t *word = bucket;

	for (size_t i = 0; i < BUCKET_WORDS; i++) {
		uint64_t present = word_load(&bucket[i]);
		bool own = word_is_of(present, flow);
		uint32_t left = own ? 0 : until_left(present, now);

		if (own || left < least) {
			least = left;
			word = &bucket[i];
			*ret_present = present;
		}
		if (own)
			break;
	}
	return word;
}

static void word_count(struct flows *flows, uint64_t word, struct flows_count *count)
{
	const uint16_t appliance = word_appliance(word);

	flows->alive++;
	count->all++;
	if (appliance < count->owner_limit && count->owners[appliance] != FLOWS_UNKNOWN)
		count->counts[count->owners[appliance]]++;
}
