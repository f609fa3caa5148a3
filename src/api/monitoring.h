/* What the actions of CloudWatch have in common: metrics and times in requests, data points in answers. */
#pragma once

#include "control/monitoring.h"

#include "api/call.h"

#define STATISTIC_WORDS "SampleCount|Average|Sum|Minimum|Maximum"
#define UNIT_WORDS                                                                              \
	"Seconds|Microseconds|Milliseconds|Bytes|Kilobytes|Megabytes|Gigabytes|Terabytes|Bits|" \
	"Kilobits|Megabits|Gigabits|Terabits|Percent|Count|Bytes/Second|Kilobytes/Second|"      \
	"Megabytes/Second|Gigabytes/Second|Terabytes/Second|Bits/Second|Kilobits/Second|"       \
	"Megabits/Second|Gigabits/Second|Terabits/Second|Count/Second|None"

/* The times from StartTime to EndTime. */
int monitoring_get_time(const struct call *call, struct metric_time *ret_time, struct refusal *why);

/* A value as a decimal number, with as many digits as it has. */
void monitoring_write_value(struct call *call, const char *element, double value);
