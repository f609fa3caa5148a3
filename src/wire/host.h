/* How agents and controllers speak: HTTP requests signed with SigV4 for HOST_SERVICE.
 *
 *	GET  /host/v1/NAME/plan     If-None-Match: "REVISION" waits up to HOST_POLL_SECONDS for another revision.
 *	                            200 with ETag: "REVISION" and the plan (mirror/plan.h), or 304.
 *	POST /host/v1/NAME/report   The body is a report (mirror/report.h).  204.
 *	POST /host/v1/NAME/peek     The body is a batch of packets (mirror/peek.h), perhaps without any.  200 with what the
 *	                            host is to show from now on.
 *
 *	POST /host/v1/NAME/key      Without a body.  200 with another key of the host's own, in XML.
 *
 * Who signs with a key of a host's own learns with each answer how old it is, in seconds, by HOST_KEY_AGE_HEADER.  Who signs
 * with one that was taken back gets 403 and the code HOST_REVOKED_CODE: the host is to mirror nothing.  No other answer says that.
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
#define HOST_KEY_AGE_HEADER  "x-tmirror-key-age"
#define HOST_PROTOCOL_HEADER "x-tmirror-protocol"

/* What we speak, and the oldest that we understand.  Requests and answers say it; who says nothing speaks 1, as before there was this
 * number.  It grows with what an older side cannot pass over. */
#define HOST_PROTOCOL        2
#define HOST_PROTOCOL_OLDEST 1

#define HOST_REVOKED_CODE    "TrafficMirrorHostRevoked"
#define HOST_POLL_SECONDS    30
#define HOST_REPORT_SIZE_MAX (64 << 20)
