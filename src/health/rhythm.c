// SPDX-License-Identifier: Apache-2.0
#include "health/rhythm.h"

#include "base/clock.h"

static uint64_t mix(uint64_t number);

uint64_t rhythm_first(uint64_t phase, uint64_t now)
{
	return now + phase % (RHYTHM_SPREAD_MILLISECONDS * NSEC_PER_MSEC);
}

uint64_t rhythm_next(uint64_t phase, unsigned int interval, uint64_t begun)
{
	uint64_t period = interval * NSEC_PER_SEC;
	uint64_t moment = phase % period;

	if (begun < moment)
		return moment;
	return begun + period - (begun - moment) % period;
}

uint64_t rhythm_phase(uint64_t host, const char *name, uint16_t port)
{
	uint64_t phase = mix(host + port);

	for (; *name != '\0'; name++)
		phase = mix(phase ^ (uint8_t)*name);
	return phase;
}

/* The finalizer of SplitMix64 (Steele, Lea, Flood): every bit of the number touches every bit of the result. */
static uint64_t mix(uint64_t number)
{
	number += 0x9e3779b97f4a7c15ULL;
	number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9ULL;
	number = (number ^ number >> 27) * 0x94d049bb133111ebULL;
	return number ^ number >> 31;
}
