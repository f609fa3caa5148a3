// SPDX-License-Identifier: Apache-2.0
/* A cut grows step by step: of all ways to add a window or to widen one, the step is taken that shortens lists most for
 * the memory it costs, until none pays.  Steps are judged by a sample of the rules. */
#include "capture/classifier_choose.h"

#include "base/count.h"

#include <math.h>
#include <string.h>

#define SAMPLE         512 /* Rules looked at to compare cuts. */
#define OPENING_SAMPLE 64
#define OPENING_BITS   32
#define TALLY_DIGITS   7 /* Counts to OPENING_SAMPLE. */
#define FAN_OUT        8 /* Nodes per rule, at most. */
#define LOOKAHEAD      3 /* Bits a window may grow by in a step: the next one alone may tell nothing. */
#define GOOD_SIZE      2.0   /* Rules per list that need no further cut. */
#define GAIN_LEAST     1.005 /* Per bit: a table twice the size has to shorten lists by that much. */

/* What a cut does to the sampled rules. */
struct effect {
	double size; /* Of the list that a packet meets, if each rule gets as many packets as any. */
	size_t listed; /* Rules in all slices. */
};

struct sample {
	const struct region *region;
	const struct cut_limits *limits;
	const struct box *boxes[SAMPLE];
	size_t count;
	double scale; /* Rules that a sampled one stands for. */
	size_t listed_max;
	unsigned int width_max;
	struct window openings[BOX_DIMENSIONS];    /* Where to begin; width 0: nowhere. */
	struct slices slices[CUT_WINDOWS][SAMPLE]; /* Under the windows settled so far. */
	uint16_t sizes[1 << CUT_WIDTH_MAX];        /* Rules in each slice. */
	float weights[1 << CUT_WIDTH_MAX]; /* Share of the packets that come to it, in rules. */
};

/* A count for each bit of a word: digit i of all of them in one word. */
struct tally {
	uint32_t digits[TALLY_DIGITS];
};

/* A step that might be taken. */
struct step {
	unsigned int slot;
	struct window window;
	struct effect effect;
	double gain; /* Per bit. */
};

static void sample_take(struct sample *sample, const struct box *boxes, const uint16_t *ranks,
			size_t count, const struct region *region);
static bool cut_grow(struct sample *sample, struct cut *cut, struct effect *effect);
static void step_try(struct sample *sample, const struct cut *cut, const struct effect *before,
		     unsigned int slot, const struct window *window, struct step *best);
static bool cut_measure(struct sample *sample, const struct cut *cut,
			struct slices *const slices[CUT_WINDOWS], struct effect *ret_effect);
static void sample_count(struct sample *sample, const unsigned int shifts[CUT_WINDOWS],
			 const struct slices of[CUT_WINDOWS], float weight);
static struct window window_open(const struct sample *sample, enum dimension dimension);
static uint32_t bits_differ(const struct sample *sample, enum dimension dimension);
static void tally_add(struct tally *tally, uint32_t bits);
static unsigned int tally_get(const struct tally *tally, unsigned int bit);
static bool window_extend(const struct sample *sample, const struct window *window,
			  unsigned int bits, struct window *ret_window);

bool cut_choose(const struct box *boxes, const uint16_t *ranks, size_t count,
		const struct region *region, const struct cut_limits *limits, struct cut *ret_cut)
{
	struct sample sample;
	size_t nodes = MIN(limits->nodes, FAN_OUT * count);
	struct effect effect = {.size = (double)count};
	struct cut cut = {};

	sample_take(&sample, boxes, ranks, count, region);
	sample.limits = limits;
	effect.listed = sample.count;
	sample.listed_max = (size_t)((double)limits->listed / sample.scale);
	while (sample.width_max < CUT_WIDTH_MAX && 2u << sample.width_max <= nodes)
		sample.width_max++;
	while (effect.size > GOOD_SIZE && cut_grow(&sample, &cut, &effect))
		;
	*ret_cut = cut;
	return cut_width(&cut) > 0;
}

static void sample_take(struct sample *sample, const struct box *boxes, const uint16_t *ranks,
			size_t count, const struct region *region)
{
	sample->region = region;
	sample->count = MIN(count, (size_t)SAMPLE);
	sample->scale = (double)count / (double)sample->count;
	sample->width_max = 0;
	for (size_t i = 0; i < sample->count; i++)
		sample->boxes[i] = &boxes[ranks[i * count / sample->count]];
	for (unsigned int window = 0; window < CUT_WINDOWS; window++)
		for (size_t i = 0; i < sample->count; i++)
			sample->slices[window][i] = (struct slices){.first = 0, .count = 1};
	for (enum dimension i = 0; i < BOX_DIMENSIONS; i++)
		sample->openings[i] = window_open(sample, i);
}

/* Takes the best step.  Returns false when none pays. */
static bool cut_grow(struct sample *sample, struct cut *cut, struct effect *effect)
{
	static const enum dimension starts[CUT_WINDOWS] = {BOX_DESTINATION, BOX_SOURCE,
							   BOX_DESTINATION_PORT};
	static const enum dimension ends[CUT_WINDOWS] = {BOX_DESTINATION, BOX_SOURCE, BOX_PROTOCOL};
	struct step best = {.gain = GAIN_LEAST};
	struct window window;

	for (unsigned int slot = 0; slot < CUT_WINDOWS; slot++) {
		if (cut->windows[slot].width == 0) {
			for (enum dimension i = starts[slot]; i <= ends[slot]; i++)
				if (sample->openings[i].width > 0)
					step_try(sample, cut, effect, slot, &sample->openings[i],
						 &best);
			continue;
		}
		for (unsigned int bits = 1; bits <= LOOKAHEAD; bits++)
			if (window_extend(sample, &cut->windows[slot], bits, &window))
				step_try(sample, cut, effect, slot, &window, &best);
	}
	if (best.window.width == 0)
		return false;
	cut->windows[best.slot] = best.window;
	boxes_slices(sample->boxes, sample->count, sample->region, &best.window,
		     sample->slices[best.slot]);
	*effect = best.effect;
	return true;
}

static void step_try(struct sample *sample, const struct cut *cut, const struct effect *before,
		     unsigned int slot, const struct window *window, struct step *best)
{
	struct slices *slices[CUT_WINDOWS], own[SAMPLE];
	unsigned int bits = window->width - cut->windows[slot].width;
	struct step step = {.slot = slot, .window = *window};
	struct cut wider = *cut;
	double growth;

	wider.windows[slot] = *window;
	if (cut_width(&wider) > sample->width_max)
		return;
	boxes_slices(sample->boxes, sample->count, sample->region, window, own);
	for (unsigned int i = 0; i < CUT_WINDOWS; i++)
		slices[i] = i == slot ? own : sample->slices[i];
	if (!cut_measure(sample, &wider, slices, &step.effect))
		return;
	growth = (double)step.effect.listed / (double)before->listed;
	step.gain = 1 + (before->size / step.effect.size / sqrt(growth) - 1) / bits;
	if (step.gain > best->gain)
		*best = step;
}

/* Puts the sampled rules into their slices.  Returns false when that repeats too many. */
static bool cut_measure(struct sample *sample, const struct cut *cut,
			struct slices *const slices[CUT_WINDOWS], struct effect *ret_effect)
{
	const unsigned int shifts[CUT_WINDOWS] = {0, cut_shift(cut, CUT_SOURCE),
						  cut_shift(cut, CUT_LANES)};
	size_t links = (size_t)1 << cut_width(cut), listed = 0;
	double sizes = 0;

	memset(sample->sizes, 0, links * sizeof(sample->sizes[0]));
	memset(sample->weights, 0, links * sizeof(sample->weights[0]));
	for (size_t i = 0; i < sample->count; i++) {
		const struct slices of[CUT_WINDOWS] = {slices[0][i], slices[1][i], slices[2][i]};
		uint32_t count = of[0].count * of[1].count * of[2].count;

		listed += count;
		if (listed > sample->listed_max)
			return false;
		sample_count(sample, shifts, of, 1 / (float)count);
	}
	if (listed == 0)
		return false;
	for (size_t i = 0; i < links; i++)
		sizes += (double)((float)sample->sizes[i] * sample->weights[i]);
	*ret_effect = (struct effect){
		.size = 1 + (sizes / (double)sample->count - 1) * sample->scale,
		.listed = listed,
	};
	return true;
}

static void sample_count(struct sample *sample, const unsigned int shifts[CUT_WINDOWS],
			 const struct slices of[CUT_WINDOWS], float weight)
{
	const struct slices *destination = &of[CUT_DESTINATION], *source = &of[CUT_SOURCE],
			    *lane = &of[CUT_LANES];

	for (uint32_t l = lane->first; l < lane->first + lane->count; l++)
		for (uint32_t s = source->first; s < source->first + source->count; s++) {
			uint32_t from = destination->first + (s << shifts[CUT_SOURCE]) +
					(l << shifts[CUT_LANES]);

			for (uint32_t at = from; at < from + destination->count; at++) {
				sample->sizes[at]++;
				sample->weights[at] += weight;
			}
		}
}

/* The highest bit that tells the rules apart about as well as any.  A few rules show it, and a few bits: below the first
 * that differ, prefixes soon end. */
static struct window window_open(const struct sample *sample, enum dimension dimension)
{
	size_t stride = (sample->count + OPENING_SAMPLE - 1) / OPENING_SAMPLE;
	uint32_t bits = bits_differ(sample, dimension);
	struct tally ones = {}, known = {};
	unsigned int told[OPENING_BITS], most = 0;

	for (size_t i = 0; i < sample->count && bits; i += stride) {
		const struct box *box = sample->boxes[i];
		uint32_t prefix = dimension_prefix(dimension, box->length[dimension]);

		tally_add(&known, prefix & bits);
		tally_add(&ones, box->value[dimension] & bits);
	}
	for (uint32_t left = bits; left; left &= left - 1) {
		unsigned int bit = (unsigned int)__builtin_ctz(left);
		unsigned int one = tally_get(&ones, bit);

		told[bit] = MIN(one, tally_get(&known, bit) - one);
		most = MAX(most, told[bit]);
	}
	for (unsigned int bit = OPENING_BITS; bit-- > 0 && most > 0;)
		if (bits >> bit & 1 && 3 * told[bit] >= most)
			return (struct window){dimension, .shift = (uint8_t)bit, .width = 1};
	return (struct window){};
}

/* Bits that are not known yet, and one in some rules and zero in others. */
static uint32_t bits_differ(const struct sample *sample, enum dimension dimension)
{
	uint32_t any = 0, all = ~0u;

	for (size_t i = 0; i < sample->count; i++) {
		any |= sample->boxes[i]->value[dimension];
		all &= sample->boxes[i]->value[dimension];
	}
	return any & ~all & ~sample->region->mask[dimension];
}

/* Adds one to the count of every bit that is set: all of them at once, as one would on paper. */
static void tally_add(struct tally *tally, uint32_t bits)
{
	for (unsigned int i = 0; bits; i++) {
		uint32_t carry = tally->digits[i] & bits;

		tally->digits[i] ^= bits;
		bits = carry;
	}
}

static unsigned int tally_get(const struct tally *tally, unsigned int bit)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < TALLY_DIGITS; i++)
		count |= (tally->digits[i] >> bit & 1) << i;
	return count;
}

/* Widens downward, but takes no bits that are known already. */
static bool window_extend(const struct sample *sample, const struct window *window,
			  unsigned int bits, struct window *ret_window)
{
	uint32_t added;

	if (window->shift < bits || window->width + bits > CUT_WIDTH_MAX)
		return false;
	added = ((1u << bits) - 1) << (window->shift - bits);
	if (added & sample->region->mask[window->dimension])
		return false;
	if (window->dimension <= BOX_SOURCE &&
	    added << 1 & sample->limits->seams[window->dimension])
		return false;
	*ret_window = *window;
	ret_window->shift = (uint8_t)(window->shift - bits);
	ret_window->width = (uint8_t)(window->width + bits);
	return true;
}
