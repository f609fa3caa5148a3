// SPDX-License-Identifier: Apache-2.0
#include "doctor/bundle.h"

#include "base/clock.h"
#include "base/count.h"
#include "base/refusal.h"
#include "base/text.h"
#include "doctor/doctor.h"
#include "doctor/program.h"
#include "doctor/secrets.h"
#include "doctor/tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define BLOCK_SIZE      512
#define DIRECTORY       "tmirror-support/"
#define OUTPUT_SIZE_MAX ((size_t)16 << 20)
#define LOG_TAIL        ((size_t)8 << 20)

struct bundle {
	FILE *file;
	char *path;
	bool finished;
	unsigned int log_count;
	struct secrets secrets;
};

/* One block before each file; numbers are octal. */
struct tar_header {
	char name[100], mode[8], owner[8], group[8], size[12], time[12], checksum[8], type;
	char link[100], magic[6], version[2], rest[247];
};
_Static_assert(sizeof(struct tar_header) == BLOCK_SIZE, "POSIX.1-1988 ustar");

static const struct {
	const char *name;
	const char *arguments[12];
} programs[] = {
	{"uname.txt", {"uname", "-a"}},
	{"link.txt", {"ip", "-details", "-statistics", "link", "show"}},
	{"address.txt", {"ip", "address", "show"}},
	{"route.txt", {"ip", "route", "show", "table", "all"}},
	{"rule.txt", {"ip", "rule", "show"}},
	{"neighbour.txt", {"ip", "neighbour", "show"}},
	{"qdisc.txt", {"tc", "-statistics", "qdisc", "show"}},
	{"rules.txt", {"nft", "list", "ruleset"}},
	{"programs.txt", {"bpftool", "net", "show"}},
	{"cpu.txt", {"lscpu"}},
	{"memory.txt", {"cat", "/proc/meminfo", "/proc/pressure/cpu"}},
	{"journal.txt",
	 {"journalctl", "--no-pager", "--lines=5000", "--unit=tmirror-agent",
	  "--unit=tmirror-controller"}},
};

static int read_log(int descriptor, struct text *text);
static int run_program(struct bundle *bundle, size_t index);
static int write_file(struct bundle *bundle, const char *name, const struct text *content);

int bundle_open(const char *path, const struct doctor *doctor, const char *controller_state,
		struct bundle **ret_bundle, struct refusal *why)
{
	_cleanup_(bundle_freep) struct bundle *bundle = calloc(1, sizeof(*bundle));
	_cleanup_close_ int descriptor = -1;
	int r;

	if (!bundle)
		return -ENOMEM;
	r = secrets_gather(doctor, controller_state, &bundle->secrets);
	if (r < 0)
		return r;
	descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (descriptor < 0)
		return refuse(why, 0, "cannot make '%.300s': %s", path, strerrordesc_np(errno));
	bundle->path = strdup(path);
	bundle->file = fdopen(descriptor, "w");
	if (!bundle->path || !bundle->file)
		return -ENOMEM;
	(void)TAKE_FD(descriptor);
	*ret_bundle = TAKE_PTR(bundle);
	return 0;
}

int bundle_add(struct bundle *bundle, const char *name, const char *text)
{
	_cleanup_text_ struct text clean = {};

	secrets_redact(&bundle->secrets, text, &clean);
	return clean.failed ? -ENOMEM : write_file(bundle, name, &clean);
}

int bundle_add_host(struct bundle *bundle, const struct doctor *doctor)
{
	int r = 0;

	if (doctor->settings)
		r = bundle_add(bundle, "settings.yaml", doctor->settings);
	/* The very text that was found to be a plan: the file is the agent's, and may be another by now. */
	if (r == 0 && doctor->plan_text)
		r = bundle_add(bundle, "plan.json", doctor->plan_text);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(programs); i++)
		r = run_program(bundle, i);
	return r;
}

int bundle_add_log(struct bundle *bundle, const char *path, struct refusal *why)
{
	const char *slash = strrchr(path, '/');
	_cleanup_close_ int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_text_ struct text text = {};
	char name[80];
	int length, r;

	r = descriptor < 0 ? -errno : read_log(descriptor, &text);
	if (r < 0)
		return refuse(why, 0, "cannot read the log '%.300s': %s", path,
			      strerrordesc_np(-r));
	/* Logs of one name in several directories are told apart by their number. */
	length = snprintf(name, sizeof(name), "log/%u-%s", ++bundle->log_count,
			  slash ? slash + 1 : path);
	if (length >= (int)sizeof(name))
		return refuse(why, 0, "the name of the log '%.300s' is too long", path);
	return text.failed ? -ENOMEM : bundle_add(bundle, name, text.data ? text.data : "");
}

/* Two blocks of zeros are the end. */
int bundle_finish(struct bundle *bundle)
{
	static const char end[2 * BLOCK_SIZE];

	if (fwrite(end, sizeof(end), 1, bundle->file) != 1 || fflush(bundle->file) != 0)
		return -EIO;
	bundle->finished = true;
	return 0;
}

void bundle_free(struct bundle *bundle)
{
	if (!bundle)
		return;
	if (bundle->file && fclose(bundle->file) != 0)
		bundle->finished = false;
	if (bundle->path && !bundle->finished)
		(void)unlink(bundle->path);
	secrets_fini(&bundle->secrets);
	free(bundle->path);
	free(bundle);
}

static int read_log(int descriptor, struct text *text)
{
	off_t size = lseek(descriptor, 0, SEEK_END);

	/* A byte before the part that is kept, so that it is known to have been cut. */
	if (size > (off_t)LOG_TAIL)
		(void)lseek(descriptor, size - (off_t)LOG_TAIL - 1, SEEK_SET);
	else if (size > 0)
		(void)lseek(descriptor, 0, SEEK_SET);
	return tail_read(descriptor, LOG_TAIL, text);
}

/* A program that is missing says so in its file. */
static int run_program(struct bundle *bundle, size_t index)
{
	static const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
						  NULL};
	_cleanup_free_ char *output = NULL;
	const struct program_call call = {.arguments = programs[index].arguments,
					  .environment = environment,
					  .maximum = OUTPUT_SIZE_MAX};
	int r = program_read(&call, &output);

	if (r == -ENOMEM)
		return r;
	return bundle_add(bundle, programs[index].name, output ? output : strerrordesc_np(-r));
}

static int write_file(struct bundle *bundle, const char *name, const struct text *content)
{
	static const char zeros[BLOCK_SIZE];
	struct tar_header header = {.type = '0', .magic = "ustar", .version = {'0', '0'}};
	const size_t odd = content->length % BLOCK_SIZE;
	unsigned int sum = 0;

	(void)snprintf(header.name, sizeof(header.name), DIRECTORY "%s", name);
	(void)snprintf(header.mode, sizeof(header.mode), "%07o", 0600);
	(void)snprintf(header.owner, sizeof(header.owner), "%07o", 0);
	(void)snprintf(header.group, sizeof(header.group), "%07o", 0);
	(void)snprintf(header.size, sizeof(header.size), "%011o", (unsigned int)content->length);
	(void)snprintf(header.time, sizeof(header.time), "%011o",
		       (unsigned int)(clock_realtime() / 1000));
	memset(header.checksum, ' ', sizeof(header.checksum));
	for (size_t i = 0; i < sizeof(header); i++)
		sum += ((const unsigned char *)&header)[i];
	(void)snprintf(header.checksum, sizeof(header.checksum), "%06o", sum);
	if (fwrite(&header, sizeof(header), 1, bundle->file) != 1 ||
	    (content->length > 0 && fwrite(content->data, content->length, 1, bundle->file) != 1) ||
	    (odd > 0 && fwrite(zeros, BLOCK_SIZE - odd, 1, bundle->file) != 1))
		return -EIO;
	return 0;
}
