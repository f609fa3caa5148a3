/* A connection to the controller that is kept, and the signed questions that go over it; what requests.c and agents.c are
 * made of.
 *
 * A channel has one question under way.  Its socket may block or not: channel_receive() takes what is there and says
 * whether the answer is whole, so one thread can wait for its own channel or look after thousands.  A connection that
 * fails is a fault for the caller; anything else that goes wrong ends the program, because no figure of such a run would
 * be of use. */
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
	int descriptor; /* Of a channel that is closed: nothing. */
	bool tls;
	gnutls_session_t session; /* NULL: no TLS, or not yet. */
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

/* Connects and greets, or ends the program.  The socket blocks. */
void channel_open(struct channel *channel, const struct asker *asker);

/* Begins to connect by a socket that does not block; 'source' is the address to come from, NULL for any.  Returns 0, also
 * while the other side has not answered yet, or a fault. */
int channel_begin(struct channel *channel, const struct asker *asker, const char *source);

/* Goes on with what channel_begin() began.  Returns 0 once questions may be sent, -EAGAIN until then, or a fault. */
int channel_greet(struct channel *channel);

/* Harmless before the first opening and when it is closed already. */
void channel_close(struct channel *channel);

/* Returns 0 or a fault. */
int channel_send(struct channel *channel, const struct text *request);

/* Returns the status once the answer is whole, which begins at 'buffer'; 0 when more has to come; a fault when the
 * connection has ended. */
int channel_receive(struct channel *channel);

/* Copies a header of a whole answer; "" if it has none or one that does not fit. */
void channel_get_header(const struct channel *channel, const char *name, char *ret_value,
			size_t size);
