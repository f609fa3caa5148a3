/* Statuses of HTTP that are health: "200", "200-399", "200,204", or any list of both. */
#pragma once

#include <stdbool.h>

/* What is not such a list has nothing in it. */
bool codes_contain(const char *codes, long status);
