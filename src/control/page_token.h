/* The NextToken of a page: where the next one begins.  Private to control/.
 *
 *	16 digits: hash over noun, account, filters and key	| 2 digits for each byte of the key
 *
 * Whoever makes a token up gains nothing, for a key only says where among his own rows to begin; the hash tells a
 * token that is damaged, or of another query. */
#pragma once

struct describe;
struct refusal;

/* The key after which the page begins, "" for the first page; the caller's to free. */
int page_token_decode(const struct describe *describe, char **ret_after, struct refusal *why);

int page_token_encode(const struct describe *describe, const void *last_record, char **ret_token);
