/* Enrolment: how a host comes to a key of its own.
 *
 * Who may issue enrolments hands a code to whoever sets the host up; the host redeems it, once, for its key.  The door makes codes and
 * hashes them; control knows the hash only.  A host's own key speaks for that host alone, so a host that is broken into gives
 * away no other. */
#pragma once

#include "control/credential.h"
#include "store/enrolment.h"

#define ENROLMENTS_MAX            1000 /* Of an account, that wait. */
#define ENROLMENT_SECONDS_DEFAULT 3600
#define ENROLMENT_SECONDS_MIN     60
#define ENROLMENT_SECONDS_MAX     604800

/* What both sides name the code by. */
struct enrolment_code {
	const char *id;     /* Its first part, which is no secret. */
	const char *digest; /* The hash of all of it. */
};

/* As its owner sees it. */
struct enrolment_record {
	char id[ENROLMENT_ID_SIZE];
	char host[HOST_NAME_SIZE]; /* "": any. */
	int64_t created, expires;  /* Milliseconds since the epoch. */
};

struct enrolment_page {
	struct enrolment_record *items;
	size_t count, capacity;
	char *next_token; /* NULL: this was the last page. */
};

void enrolment_page_fini(struct enrolment_page *page);

/* 'host' NULL: any that has no key of its own yet. */
int control_issue_enrolment(struct control *control, const struct caller *caller,
			    const struct enrolment_code *code, const char *host,
			    struct optional_number seconds, struct enrolment_record *ret_enrolment,
			    struct refusal *why);

int control_delete_enrolment(struct control *control, const struct caller *caller, const char *id,
			     struct refusal *why);

int control_describe_enrolments(struct control *control, const struct caller *caller,
				const struct query *query, struct enrolment_page *ret_page,
				struct refusal *why);

/* The new key, for which those end that the host had.  Refuses with REFUSE_ENROLMENT_INVALID a code that nobody issued, that was
 * redeemed, or that is over: which of these, is not told. */
int control_redeem_enrolment(struct control *control, const struct enrolment_code *code,
			     const char *host, struct access_key *ret_key, struct refusal *why);
