/* How agents and controllers speak: HTTP requests signed with SigV4 for HOST_SERVICE.
 *
 *	GET  /host/v1/NAME/plan     If-None-Match: "REVISION" waits up to HOST_POLL_SECONDS for another revision.
 *	                            200 with ETag: "REVISION" and the plan (mirror/plan.h), or 304.
 *	POST /host/v1/NAME/report   The body is a report (mirror/report.h).  204.
 *	POST /host/v1/NAME/peek     The body is a batch of packets (mirror/peek.h), perhaps without any.  200 with what the
 *	                            host is to show from now on.
 *
 * Somebody wishes to see packets of the host's where an answer to one of the others has the header HOST_PEEK_HEADER.  Then
 * the agent begins to post batches, twice a second, until an answer wishes for nothing.
 *
 * Both answer with "Server: tmirror/VERSION", the controller's.
 *
 * NAME is the host's name: letters, digits, '-', '.' and '_', at most 63. */
#pragma once

#define HOST_SERVICE         "tmirror"
#define HOST_PATH_PREFIX     "/host/v1/"
#define HOST_PEEK_HEADER     "x-tmirror-peek"
#define HOST_POLL_SECONDS    30
#define HOST_REPORT_SIZE_MAX (64 << 20)
