// SPDX-License-Identifier: Apache-2.0
/* Enrolment of hosts.  Extension actions.
 *
 * A code is an id, which is no secret, and 256 bits that are; control gets the hash of both.  Redeeming takes no signature, so it is
 * bounded per address: a code is looked at first and only wrong ones are charged, so that a stranger who guesses cannot keep out
 * hosts that come from where he comes from. */
#include "control/enrolment.h"

#include "api/call.h"
#include "api/resource.h"
#include "api/tries.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "net/http_server.h"
#include "sigv4/hash.h"

#include <string.h>

#define ID_LENGTH    (ENROLMENT_ID_SIZE - 1)
#define SECRET_BYTES 32
#define CODE_LENGTH  (ID_LENGTH + 2 * SECRET_BYTES)
#define CODE_SIZE    (CODE_LENGTH + 1)

_Static_assert(ENROLMENT_DIGEST_SIZE == HASH_TEXT_SIZE, "the hash is a digest");

static const struct parameter issue_parameters[] = {
	{"HostName", PARAMETER_TEXT, .minimum = 1},
	{"ValiditySeconds", PARAMETER_NUMBER},
	DRY_RUN_PARAMETER,
};

static const struct parameter delete_parameters[] = {
	{"EnrolmentId", PARAMETER_TEXT, .required = true},
	DRY_RUN_PARAMETER,
};

static const struct parameter describe_parameters[] = {
	PAGE_PARAMETERS,
	DRY_RUN_PARAMETER,
};

static const struct parameter redeem_parameters[] = {
	{"EnrolmentCode", PARAMETER_TEXT, .required = true, .minimum = 1, .maximum = 128,
	 .secret = true},
	{"HostName", PARAMETER_TEXT, .required = true, .minimum = 1},
};

static int issue_enrolment(struct call *call, struct refusal *why);
static int delete_enrolment(struct call *call, struct refusal *why);
static int describe_enrolments(struct call *call, struct refusal *why);
static int redeem_enrolment(struct call *call, struct refusal *why);
static void write_enrolment(struct call *call, const char *element,
			    const struct enrolment_record *enrolment, const char *code);
static void write_way(struct call *call);

static const struct action actions[] = {
	ACTION("IssueTrafficMirrorHostEnrolment", issue_parameters, issue_enrolment),
	ACTION("DeleteTrafficMirrorHostEnrolment", delete_parameters, delete_enrolment),
	ACTION("DescribeTrafficMirrorHostEnrolments", describe_parameters, describe_enrolments),
	ACTION("RedeemTrafficMirrorHostEnrolment", redeem_parameters, redeem_enrolment,
	       .gives_keys = true, .open = true, .anonymous = true),
};

const struct action_table enrolment_actions = {actions, ARRAY_SIZE(actions)};

static int issue_enrolment(struct call *call, struct refusal *why)
{
	unsigned char bytes[CODE_LENGTH / 2];
	char text[CODE_SIZE], id[ENROLMENT_ID_SIZE], digest[HASH_TEXT_SIZE];
	struct enrolment_record enrolment;
	int r;

	random_bytes(bytes, sizeof(bytes));
	hex_encode(bytes, sizeof(bytes), text);
	hash_text(text, CODE_LENGTH, digest);
	memcpy(id, text, ID_LENGTH);
	id[ID_LENGTH] = '\0';
	r = control_issue_enrolment(call->control, call->caller,
				    &(struct enrolment_code){id, digest},
				    call_get_text(call, "HostName"),
				    call_get_number(call, "ValiditySeconds"), &enrolment, why);
	if (r == 0) {
		write_enrolment(call, "trafficMirrorHostEnrolment", &enrolment, text);
		write_way(call);
	}
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(text, sizeof(text));
	return r;
}

static int delete_enrolment(struct call *call, struct refusal *why)
{
	int r = control_delete_enrolment(call->control, call->caller,
					 call_get_text(call, "EnrolmentId"), why);

	if (r != 0)
		return r;
	call_write_done(call);
	return 0;
}

static int describe_enrolments(struct call *call, struct refusal *why)
{
	_cleanup_(enrolment_page_fini) struct enrolment_page page = {};
	struct query query;
	int r;

	r = call_get_query(call, NULL, &query, why);
	if (r == 0)
		r = control_describe_enrolments(call->control, call->caller, &query, &page, why);
	if (r != 0)
		return r;
	xml_open(call->xml, "trafficMirrorHostEnrolmentSet");
	for (size_t i = 0; i < page.count; i++)
		write_enrolment(call, "item", &page.items[i], NULL);
	xml_close(call->xml, "trafficMirrorHostEnrolmentSet");
	call_write_next(call, page.next_token);
	return 0;
}

static int redeem_enrolment(struct call *call, struct refusal *why)
{
	const char *code = call_get_text(call, "EnrolmentCode");
	char id[ENROLMENT_ID_SIZE] = "", digest[HASH_TEXT_SIZE];
	struct access_key key = {};
	int r;

	hash_text(code, strlen(code), digest);
	memcpy(id, code, MIN(strlen(code), (size_t)ID_LENGTH));
	r = control_redeem_enrolment(call->control, &(struct enrolment_code){id, digest},
				     call_get_text(call, "HostName"), &key, why);
	if (r == REFUSED && why->code == REFUSE_ENROLMENT_INVALID &&
	    !tries_take(call->tries, &call->request->peer, clock_monotonic()))
		return refuse(why, REFUSE_TOO_MANY_REQUESTS, "Request limit exceeded.");
	if (r != 0)
		return r;
	xml_open(call->xml, "trafficMirrorHostKey");
	xml_text(call->xml, "accessKeyId", key.id);
	xml_text(call->xml, "secretAccessKey", key.secret);
	xml_time(call->xml, "createTime", key.created);
	xml_text(call->xml, "hostName", key.caller.host);
	xml_close(call->xml, "trafficMirrorHostKey");
	xml_text(call->xml, "region", control_get_region(call->control));
	*call->proven = key;
	explicit_bzero(&key, sizeof(key));
	return 0;
}

static void write_enrolment(struct call *call, const char *element,
			    const struct enrolment_record *enrolment, const char *code)
{
	xml_open(call->xml, element);
	xml_text(call->xml, "enrolmentId", enrolment->id);
	if (code)
		xml_text(call->xml, "enrolmentCode", code);
	xml_text_if_set(call->xml, "hostName", enrolment->host);
	xml_time(call->xml, "createTime", enrolment->created);
	xml_time(call->xml, "expirationTime", enrolment->expires);
	xml_close(call->xml, element);
}

/* How the new host gets here: as this request did, by a name that the certificate is for. */
static void write_way(struct call *call)
{
	const char *host = http_request_get_header(call->request, "host");

	xml_open(call->xml, "controllerUrl");
	xml_escape(call->xml, call->encrypted ? "https://" : "http://");
	xml_escape(call->xml, host ? host : "");
	xml_close(call->xml, "controllerUrl");
	xml_text(call->xml, "region", control_get_region(call->control));
	if (call->authority)
		xml_text(call->xml, "certificateAuthority", call->authority);
}
