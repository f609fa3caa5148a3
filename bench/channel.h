/* A connection to the controller that is kept, and the signed questions that go over it; what requests.c and agents.c are
 * made of.
 *
 * A channel has one question under way.  Its socket may block or not: channel_receive() takes what is there and says
 * whether the answer is whole, so one thread can wait for its own channel or look after thousands.  Whatever goes wrong
 * ends the program, because no figure of such a run would be of use. */
#pragma once

#include "base/text.h"
#include "sigv4/credentials.h"

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>

/* Who asks: the keys, and the controller that they are for. */
struct asker {
	struct credentials credentials;
	const char *service; /* That questions are signed for. */
	char host[300];      /* "ADDRESS:PORT", as the Host header has it. */
	bool tls;
};

struct question {
	const char *method, *path;
	const char *revision; /* For If-None-Match; NULL: without. */
	const char *type;     /* Of the body; NULL: there is none. */
	const char *body;
};

struct channel {
	int descriptor;
	gnutls_session_t session; /* NULL: no TLS. */
	char *buffer;             /* The answer, NUL-terminated. */
	size_t size, have;
	size_t head; /* Bytes before the answer's body; 0 while it has not come. */
	size_t whole;
};

/* Prints what went wrong and ends the program. */
_Noreturn void give_up(const char *what, const char *why);

void asker_read(struct asker *ret_asker, const char *credentials_path, const char *service);

/* Appends the request as it goes over the wire, signed for this second. */
void question_write(const struct question *question, const struct asker *asker,
		    struct text *request);

/* Connects and greets; 'source' is the address to come from, NULL for any.  The socket blocks. */
void channel_open(struct channel *channel, const struct asker *asker, const char *source);
void channel_close(struct channel *channel);

void channel_send(struct channel *channel, const struct text *request);

/* Returns the status once the answer is whole, which begins at 'buffer'; 0 when more has to come. */
int channel_receive(struct channel *channel);

/* Copies a header of a whole answer; "" if it has none or one that does not fit. */
void channel_get_header(const struct channel *channel, const char *name, char *ret_value,
			size_t size);
