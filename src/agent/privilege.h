/* Giving up what the agent does not need. */
#pragma once

struct refusal;

/* Mounts bpffs on /sys/fs/bpf when 'directory' lies there and nothing is mounted yet; the one thing that needs more
 * than the agent keeps, so it comes first.  Without the privilege it does nothing: opening will say what is missing. */
void privilege_mount_bpffs(const char *directory);

/* Keeps CAP_BPF, CAP_NET_ADMIN and CAP_NET_RAW and gives up the rest, but for two that are of use at the start:
 * CAP_PERFMON, with which the verifier spares the program its guards against speculation (less than half the cost per
 * packet; without it everything works all the same), and CAP_SETPCAP, to give up more.  Returns 0, REFUSED when one of
 * the three is not there, or a fault. */
int privilege_keep_for_loading(struct refusal *why);

/* Keeps the three alone, for good, for this process and whatever it could execute; before any thread is made, since
 * capabilities are a thread's. */
int privilege_drop(struct refusal *why);
