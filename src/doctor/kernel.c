// SPDX-License-Identifier: Apache-2.0
/* What programs, maps and rings need of the kernel. */
#include "base/count.h"
#include "base/file.h"
#include "base/text.h"
#include "doctor/checks.h"
#include "wire/capture.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#define CHECK       "kernel"
#define TCX_INGRESS 46 /* Newer than the headers that this is built with. */
#define JIT_SWITCH  "/proc/sys/net/core/bpf_jit_enable"

static void check_release(struct doctor *doctor);
static void check_features(struct doctor *doctor);
static void check_bpffs(struct doctor *doctor);
static void check_jit(struct doctor *doctor);
static void check_capabilities(struct doctor *doctor);
static bool holds(const char *status, cap_value_t capability);

void check_kernel(struct doctor *doctor)
{
	check_release(doctor);
	check_features(doctor);
	check_jit(doctor);
	if (doctor->settings)
		check_bpffs(doctor);
	if (doctor->agent.id != 0)
		check_capabilities(doctor);
}

void check_rings(struct doctor *doctor)
{
	unsigned long long least = ULLONG_MAX, total = 0;
	unsigned int count = 0;

	if (!doctor->settings)
		return;
	for (;; count++) {
		struct bpf_map_info info = {};
		__u32 size = sizeof(info);
		char path[PATH_MAX + 64];
		_cleanup_close_ int ring = -1;

		(void)snprintf(path, sizeof(path), "%s/layout-%d/ring-%u", doctor->bpffs,
			       CAPTURE_LAYOUT_VERSION, count);
		ring = bpf_obj_get(path);
		if (ring < 0 && errno != ENOENT && count == 0) {
			doctor_say(doctor, VERDICT_UNSEEN, "rings", "cannot look at %.200s: %s",
				   path, strerrordesc_np(errno));
			return;
		}
		if (ring < 0 || bpf_obj_get_info_by_fd(ring, &info, &size) < 0)
			break;
		least = MIN(least, (unsigned long long)info.value_size);
		total += info.value_size;
	}
	if (count == 0) {
		doctor_say(doctor, VERDICT_UNSEEN, "rings", "there are none in %.200s",
			   doctor->bpffs);
		return;
	}
	doctor_say(doctor, VERDICT_OK, "rings",
		   "%u CPUs have a ring, of %llu KiB at least, %llu MiB in all", count, least >> 10,
		   total >> 20);
}

static void check_release(struct doctor *doctor)
{
	struct utsname name;
	int major = 0, minor = 0;

	if (uname(&name) < 0 || sscanf(name.release, "%d.%d", &major, &minor) != 2) {
		doctor_say(doctor, VERDICT_UNSEEN, CHECK, "its release is not known");
		return;
	}
	if (major < 6 || (major == 6 && minor < 1)) {
		doctor_say(doctor, VERDICT_PROBLEM, CHECK, "Linux %.64s is older than 6.1",
			   name.release);
		doctor_mend(doctor, "apt install linux-image-amd64 && reboot");
	} else
		doctor_say(doctor, VERDICT_OK, CHECK, "Linux %.64s is 6.1 or later", name.release);
}

/* What can be loaded is tried, since a release says little about what a distribution has left out. */
static void check_features(struct doctor *doctor)
{
	LIBBPF_OPTS(bpf_prog_query_opts, query);
	int program = libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_SCHED_CLS, NULL);
	int ring = libbpf_probe_bpf_map_type(BPF_MAP_TYPE_RINGBUF, NULL);

	if (program < 0 || ring < 0 || (geteuid() != 0 && (program == 0 || ring == 0))) {
		doctor_say(doctor, VERDICT_UNSEEN, CHECK,
			   "only root can see which eBPF programs it takes");
		return;
	}
	if (program == 0 || ring == 0) {
		doctor_say(doctor, VERDICT_PROBLEM, CHECK, "it has no eBPF %s",
			   program == 0 ? "classifiers (CONFIG_NET_CLS_BPF)" : "ring buffers");
		return;
	}
	if (bpf_prog_query_opts((int)if_nametoindex("lo"), TCX_INGRESS, &query) == 0)
		doctor_say(doctor, VERDICT_OK, CHECK, "takes eBPF classifiers, by tcx");
	else
		doctor_say(doctor, VERDICT_OK, CHECK,
			   "takes eBPF classifiers, by clsact: it has no tcx");
	if (access("/sys/kernel/btf/vmlinux", R_OK) != 0)
		doctor_say(doctor, VERDICT_WARNING, CHECK,
			   "it has no BTF (CONFIG_DEBUG_INFO_BTF); tools show less of programs");
}

static void check_jit(struct doctor *doctor)
{
	_cleanup_free_ char *text = NULL;

	if (file_read(JIT_SWITCH, 64, &text, NULL) < 0)
		return;
	if (text[0] != '0') {
		doctor_say(doctor, VERDICT_OK, CHECK, "compiles eBPF programs");
		return;
	}
	doctor_say(doctor, VERDICT_WARNING, CHECK,
		   "interprets eBPF programs, which takes many times as long");
	doctor_mend(doctor, "sysctl -w net.core.bpf_jit_enable=1");
}

static void check_bpffs(struct doctor *doctor)
{
	char directory[PATH_MAX];
	struct statfs filesystem;
	char *slash;

	(void)string_copy(directory, sizeof(directory), doctor->bpffs);
	slash = strrchr(directory, '/');
	if (slash && slash != directory)
		*slash = '\0';
	if (statfs(directory, &filesystem) < 0) {
		doctor_say(doctor, errno == ENOENT ? VERDICT_PROBLEM : VERDICT_UNSEEN, "bpffs",
			   "%.200s: %s", directory, strerrordesc_np(errno));
		return;
	}
	if (filesystem.f_type == BPF_FS_MAGIC) {
		doctor_say(doctor, VERDICT_OK, "bpffs", "is mounted at %.200s", directory);
		return;
	}
	doctor_say(doctor, VERDICT_PROBLEM, "bpffs", "is not mounted at %.200s", directory);
	doctor_mend(doctor, "mount -t bpf -o mode=0700 bpf %s", directory);
}

static void check_capabilities(struct doctor *doctor)
{
	static const struct {
		cap_value_t capability;
		const char *name;
	} needed[] = {{CAP_BPF, "CAP_BPF"},
		      {CAP_NET_ADMIN, "CAP_NET_ADMIN"},
		      {CAP_NET_RAW, "CAP_NET_RAW"}};
	_cleanup_free_ char *status = NULL;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/status", doctor->agent.id);
	if (file_read(path, 64 << 10, &status, NULL) < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (holds(status, needed[i].capability))
			continue;
		doctor_say(doctor, VERDICT_PROBLEM, "capabilities", "the agent lacks %s",
			   needed[i].name);
		doctor_mend(doctor, "systemctl restart tmirror-agent");
		return;
	}
	doctor_say(doctor, VERDICT_OK, "capabilities", "the agent has what it needs");
}

static bool holds(const char *status, cap_value_t capability)
{
	static const char title[] = "CapEff:";
	const char *line = strstr(status, title);

	return line && (strtoull(line + strlen(title), NULL, 16) >> capability & 1) != 0;
}
