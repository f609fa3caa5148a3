/* ARNs: the names that load balancing has for its things.
 *
 *	arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/net/NAME/50dc6c495c0c9188
 *	…:listener/net/NAME/50dc6c495c0c9188/0467ef3c8400ae65
 *	…:targetgroup/NAME/73e2d6bc24d8a067
 *
 * "net" stands for a network load balancer, "gwy" for a gateway load balancer. */
#pragma once

#define ARN_SIZE        256
#define ARN_DIGITS_SIZE 17

/* A plain string in a box, as struct resource_id is. */
struct arn {
	char text[ARN_SIZE];
};

enum arn_kind {
	ARN_NONE,
	ARN_BALANCER,
	ARN_LISTENER,
	ARN_GROUP,
	ARN_KIND_COUNT,
};

/* As in "loadbalancer". */
const char *arn_kind_name(enum arn_kind kind);

/* By what stands after the account; ARN_NONE for what is no ARN of load balancing. */
enum arn_kind arn_get_kind(const char *text);

/* What stands after the kind, as in "net/NAME/50dc6c495c0c9188"; "" if the text is no such ARN. */
const char *arn_get_rest(const char *text);

/* Sixteen random digits. */
void arn_make_digits(char ret_digits[static ARN_DIGITS_SIZE]);

/* Puts one together; 'rest' as above. */
struct arn arn_compose(enum arn_kind kind, const char *region, const char *account,
		       const char *rest);
