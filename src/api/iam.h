/* What IAM's actions have in common: pages as its older Query API has them, and documents in escapes. */
#pragma once

#include "api/call.h"
#include "api/resource.h"

/* Of what is only to be found; control judges names that are to be made. */
#define NAME_LENGTH_MAX 128

/* clang-format off */
#define USER_PARAMETER \
	{"UserName", PARAMETER_TEXT, .required = true, .minimum = 1, .maximum = NAME_LENGTH_MAX, \
	 .names = &user_resource}
#define USER_OR_CALLER_PARAMETER \
	{"UserName", PARAMETER_TEXT, .minimum = 1, .maximum = NAME_LENGTH_MAX, \
	 .names = &user_or_caller_resource}
#define ROLE_PARAMETER \
	{"RoleName", PARAMETER_TEXT, .required = true, .minimum = 1, .maximum = NAME_LENGTH_MAX, \
	 .names = &role_resource}
#define POLICY_NAME_PARAMETER \
	{"PolicyName", PARAMETER_TEXT, .required = true, .minimum = 1, .maximum = NAME_LENGTH_MAX}
#define POLICY_PARAMETER(name) \
	{name, PARAMETER_DOCUMENT, .required = true, .maximum = POLICY_SIZE_MAX}
#define MARKER_PARAMETERS \
	{"MaxItems", PARAMETER_NUMBER, .minimum = 1, .maximum = QUERY_RESULTS_MAX}, \
	{"Marker", PARAMETER_TEXT}
/* clang-format on */

/* Of the request's MaxItems and Marker. */
struct query iam_get_query(const struct call *call);

/* IsTruncated, and the Marker of the next page unless 'next' is NULL. */
void iam_write_page_end(struct call *call, const char *next);

/* Escaped as in a URL: so IAM gives documents out. */
void iam_write_document(struct call *call, const char *element, const char *document);

/* What clients ask for although nothing here has any: an empty list. */
int iam_list_nothing(struct call *call, const char *element);
