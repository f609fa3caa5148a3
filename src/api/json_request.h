/* AWS's JSON protocol, 1.1: the action's name in a header, its parameters as an object in the body. */
#pragma once

struct form;
struct http_request;
struct refusal;
struct service;

/* The service whose action the request's header names, and the action; NULL: it names none, and speaks another protocol. */
const struct service *json_request_find(const struct http_request *request,
					const char **ret_action);

/* Appends the parameters as the older protocol has them: {"A":[{"B":1}]} is "A.member.1.B=1".  Returns 0, REFUSED or -ENOMEM. */
int json_request_decode(const struct http_request *request, struct form *form, struct refusal *why);
