/* A certificate authority of our own, and the server certificates that it vouches for.
 *
 * A self-hosted endpoint has a name no public authority knows.  So the controller makes an authority at its first start;
 * clients trust its one file (AWS_CA_BUNDLE), and the server's certificate can be made anew without them. */
#pragma once

#include "base/cleanup.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct refusal;

#define CERTIFICATE_NAMES_MAX 64

/* Both as PEM text, the owner's to free. */
struct certificate {
	char *certificate;
	char *key;
};

void certificate_fini(struct certificate *certificate);
#define _cleanup_certificate_ _cleanup_(certificate_fini)

/* 'now' is in seconds since the epoch; validity starts a day before it, since clocks differ. */

/* Makes an authority (ECDSA P-256) that can sign servers and nothing else. */
int certificate_make_authority(const char *name, int64_t now, struct certificate *ret_authority);

/* Makes a server certificate for names and addresses in text; the first is the subject's. */
int certificate_make_server(const struct certificate *authority, const char *const *names,
			    size_t name_count, int64_t now, struct certificate *ret_server);

/* True if 'server' is signed by the authority, belongs to its key, covers all the names, and stays valid for
 * CERTIFICATE_RENEWAL_DAYS more. */
bool certificate_is_good(const struct certificate *server, const struct certificate *authority,
			 const char *const *names, size_t name_count, int64_t now);

/* True if the first certificate belongs to the key, as a server's must. */
bool certificate_is_whole(const struct certificate *certificate);

#define CERTIFICATE_AUTHORITY_DAYS (20 * 365)
#define CERTIFICATE_SERVER_DAYS    825 /* What Apple's clients accept at most. */
#define CERTIFICATE_RENEWAL_DAYS   180
