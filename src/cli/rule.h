/* A filter rule in words. */
#pragma once

#include "base/text.h"

struct tmirror_node;

/* As in "100 accept tcp 10.0.0.0/8 -> 0.0.0.0/0:80-90". */
void write_rule(const struct tmirror_node *rule, struct text *cell);
