/* How agents and controllers speak: HTTP requests signed with SigV4 for HOST_SERVICE.
 *
 *	GET  /host/v1/NAME/plan     If-None-Match: "REVISION" waits up to HOST_POLL_SECONDS for another revision.
 *	                            200 with ETag: "REVISION" and the plan (mirror/plan.h), or 304.
 *	POST /host/v1/NAME/report   The body is a report (mirror/report.h).  204.
 *
 * Both answer with "Server: tmirror/VERSION", the controller's.
 *
 * NAME is the host's name: letters, digits, '-', '.' and '_', at most 63. */
#pragma once

#define HOST_SERVICE         "tmirror"
#define HOST_PATH_PREFIX     "/host/v1/"
#define HOST_POLL_SECONDS    30
#define HOST_REPORT_SIZE_MAX (64 << 20)
