// SPDX-License-Identifier: Apache-2.0
#include "base/exposition.h"

#include "base/clock.h"
#include "base/count.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

static void begin_sample(struct text *text, const struct metric *metric, const char *suffix,
			 const struct label *labels, size_t count);
static void append_escaped(struct text *text, const char *string, bool quoted);
static double processor_seconds(void);
static double resident_bytes(void);
static double open_descriptors(void);
static double start_seconds(void);
static double start_read(void);

void exposition_begin(struct text *text, const struct metric *metric)
{
	static const char *const types[] = {
		[METRIC_COUNTER] = "counter",
		[METRIC_GAUGE] = "gauge",
		[METRIC_HISTOGRAM] = "histogram",
	};

	text_printf(text, "# HELP %s ", metric->name);
	append_escaped(text, metric->help, false);
	text_printf(text, ".\n# TYPE %s %s\n", metric->name, types[metric->type]);
}

void exposition_add(struct text *text, const struct metric *metric, const char *suffix,
		    const struct label *labels, size_t label_count, double value)
{
	begin_sample(text, metric, suffix, labels, label_count);
	text_printf(text, " %.15g\n", value);
}

void exposition_add_count(struct text *text, const struct metric *metric, const char *suffix,
			  const struct label *labels, size_t label_count, uint64_t value)
{
	begin_sample(text, metric, suffix, labels, label_count);
	text_printf(text, " %" PRIu64 "\n", value);
}

/* A family of one sample without labels. */
static void exposition_put(struct text *text, const struct metric *metric, double value)
{
	exposition_begin(text, metric);
	exposition_add(text, metric, "", NULL, 0, value);
}

void exposition_put_process(struct text *text)
{
	static const struct {
		struct metric metric;
		double (*read)(void);
	} rows[] = {
		{{"process_cpu_seconds_total", "User and system processor time, in seconds",
		  METRIC_COUNTER},
		 processor_seconds},
		{{"process_resident_memory_bytes", "Resident memory", METRIC_GAUGE},
		 resident_bytes},
		{{"process_open_fds", "Open file descriptors", METRIC_GAUGE}, open_descriptors},
		{{"process_start_time_seconds", "When the process was started, since the epoch",
		  METRIC_GAUGE},
		 start_seconds},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		exposition_put(text, &rows[i].metric, rows[i].read());
}

static void begin_sample(struct text *text, const struct metric *metric, const char *suffix,
			 const struct label *labels, size_t count)
{
	text_append(text, metric->name);
	text_append(text, suffix);
	for (size_t i = 0; i < count; i++) {
		text_printf(text, "%s%s=\"", i == 0 ? "{" : ",", labels[i].name);
		append_escaped(text, labels[i].value, true);
		text_append_char(text, '"');
	}
	if (count > 0)
		text_append_char(text, '}');
}

static void append_escaped(struct text *text, const char *string, bool quoted)
{
	for (; *string != '\0'; string++) {
		if (*string == '\n')
			text_append(text, "\\n");
		else if (*string == '\\' || (quoted && *string == '"'))
			text_printf(text, "\\%c", *string);
		else
			text_append_char(text, *string);
	}
}

static void file_close(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

static double processor_seconds(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage) < 0)
		return 0;
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static double resident_bytes(void)
{
	_cleanup_(file_close) FILE *file = fopen("/proc/self/statm", "re");
	unsigned long size, resident;

	if (!file || fscanf(file, "%lu %lu", &size, &resident) != 2)
		return 0;
	return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double open_descriptors(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned int count = 0;

	if (!directory)
		return 0;
	while (readdir(directory))
		count++;
	(void)closedir(directory);
	return count > 3 ? count - 3 : 0; /* ".", "..", and the one that was looking. */
}

/* Once: the two clocks that it is reckoned from differ a little each time. */
static double start_seconds(void)
{
	static double start;

	if (start == 0)
		start = start_read();
	return start;
}

/* Field 22 of proc_pid_stat(5), in ticks since boot; what precedes it may hold blanks and parentheses. */
static double start_read(void)
{
	_cleanup_(file_close) FILE *file = fopen("/proc/self/stat", "re");
	_cleanup_(file_close) FILE *uptime = fopen("/proc/uptime", "re");
	double since_boot, ticks = (double)sysconf(_SC_CLK_TCK);
	unsigned long long started;

	if (!file || !uptime || fscanf(uptime, "%lf", &since_boot) != 1 ||
	    fscanf(file, "%*[^)])%*s") != 0)
		return 0;
	for (int field = 4; field < 22; field++)
		if (fscanf(file, "%*s") != 0)
			return 0;
	if (fscanf(file, "%llu", &started) != 1)
		return 0;
	return (double)clock_realtime() / 1000 - since_boot + (double)started / ticks;
}
