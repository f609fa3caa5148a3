/* The end of what may be endless. */
#pragma once

#include "base/text.h"

/* Reads all there is, without its NULs, and keeps the last 'maximum' bytes.  Where there was more, the text begins with a
 * line's begin.   Returns 0 or the errno of read(2); -ENOMEM sticks to the text. */
int tail_read(int descriptor, size_t maximum, struct text *ret_text);
