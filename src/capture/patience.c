// SPDX-License-Identifier: Apache-2.0
#include "capture/patience.h"

#include "base/clock.h"
#include "base/count.h"

#define PAUSE_MIN (100 * NSEC_PER_MSEC)
#define PAUSE_MAX (30 * NSEC_PER_SEC)
#define PEACE     (60 * NSEC_PER_SEC)

bool patience_try(struct patience *patience, uint64_t now)
{
	if (now < patience->next)
		return false;
	if (patience->pause == 0 || now - patience->next >= PEACE)
		patience->pause = PAUSE_MIN;
	else
		patience->pause = MIN(patience->pause * 2, PAUSE_MAX);
	patience->next = now + patience->pause;
	return true;
}
