/* Text for manual pages, as any roff reads it. */
#pragma once

#include <stdio.h>

/* The text with everything escaped that means something inside a line. */
void roff_text(FILE *file, const char *text);

/* A sentence on a line of its own; it gets a full stop if it has no end. */
void roff_line(FILE *file, const char *text);

/* Lines as they stand, as of a file. */
void roff_example(FILE *file, const char *lines);
