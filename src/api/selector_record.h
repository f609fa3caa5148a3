/* The record of what a selector has done, as CloudTrail tells what a service does by itself. */
#pragma once

#include <stdint.h>

struct event;
struct selector_act;

/* 'now' is in milliseconds.  Returns 0 or -ENOMEM. */
int selector_record_make(const struct selector_act *act, const char *region, int64_t now,
			 struct event *ret_event);
