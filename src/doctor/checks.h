/* One function for each thing that is looked at, in the order of the table in doctor.c. */
#pragma once

#include "doctor/doctor.h"

void check_agent(struct doctor *doctor);    /* agent.c: its program, process, settings and plan. */
void check_files(struct doctor *doctor);    /* files.c: who may read and write them. */
void check_kernel(struct doctor *doctor);   /* kernel.c: what programs and maps need. */
void check_rings(struct doctor *doctor);    /* kernel.c: how large they are. */
void check_sources(struct doctor *doctor);  /* sources.c: devices that are mirrored. */
void check_paths(struct doctor *doctor);    /* paths.c: the ways to appliances. */
void check_firewall(struct doctor *doctor); /* firewall.c: what may drop copies on their way. */
void check_controller(
	struct doctor *doctor); /* controller.c: its answer, key, clock and version. */
