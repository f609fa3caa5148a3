// SPDX-License-Identifier: Apache-2.0
#include "api/errors.h"

#include "wire/host.h"

#include "api/action.h"
#include "api/json.h"
#include "api/xml.h"

#include <stddef.h>

/* EC2's names and statuses.  Where STS says something else, that comes second; where load balancing has yet another name, third;
 * what CloudWatch says, fourth; and services that speak JSON, fifth. */
static const struct error_name rows[][ERROR_COLUMN_COUNT] = {
	[REFUSE_NONE] = {{"InternalError", 500}, {"InternalFailure", 500}},
	[REFUSE_PARAMETER_MISSING] = {{"MissingParameter", 400},
				      {"ValidationError", 400},
				      [ERRORS_OF_MONITORING] = {"MissingParameter", 400},
				      [ERRORS_OF_JSON] = {"ValidationException", 400}},
	[REFUSE_PARAMETER_UNKNOWN] = {{"UnknownParameter", 400},
				      {"ValidationError", 400},
				      [ERRORS_OF_JSON] = {"ValidationException", 400}},
	[REFUSE_PARAMETER_VALUE] = {{"InvalidParameterValue", 400},
				    {"ValidationError", 400},
				    [ERRORS_OF_MONITORING] = {"InvalidParameterValue", 400},
				    [ERRORS_OF_JSON] = {"ValidationException", 400}},
	[REFUSE_PARAMETER_COMBINATION] = {{"InvalidParameterCombination", 400},
					  {},
					  {"ValidationError", 400},
					  [ERRORS_OF_MONITORING] = {"InvalidParameterCombination",
								    400},
					  [ERRORS_OF_JSON] = {"ValidationException", 400}},
	[REFUSE_PAGINATION_TOKEN] = {{"InvalidPaginationToken", 400},
				     {"ValidationError", 400},
				     [ERRORS_OF_MONITORING] = {"InvalidNextToken", 400},
				     [ERRORS_OF_JSON] = {"InvalidNextTokenException", 400}},
	[REFUSE_TOKEN_MISMATCH] = {{"IdempotentParameterMismatch", 400}},
	[REFUSE_ID_MALFORMED] = {{"InvalidID", 400}},
	[REFUSE_ACTION_UNKNOWN] =
		{{"InvalidAction", 400}, [ERRORS_OF_JSON] = {"UnknownOperationException", 400}},
	[REFUSE_ACTION_MISSING] =
		{{"MissingAction", 400}, [ERRORS_OF_JSON] = {"UnknownOperationException", 400}},
	[REFUSE_VERSION] =
		{{"NoSuchVersion", 400}, [ERRORS_OF_JSON] = {"UnknownOperationException", 400}},
	[REFUSE_QUERY_MALFORMED] =
		{{"MalformedQueryString", 400}, [ERRORS_OF_JSON] = {"SerializationException", 400}},
	[REFUSE_DRY_RUN] = {{"DryRunOperation", 412}},
	[REFUSE_REQUEST_TOO_LARGE] = {{"RequestEntityTooLarge", 413}},
	[REFUSE_HOST_PROTOCOL] = {{"TrafficMirrorHostProtocolNotSupported", 400}},
	[REFUSE_UNSUPPORTED] = {{"UnsupportedOperation", 400}},

	[REFUSE_CREDENTIALS_MISSING] = {{"MissingParameter", 400},
					{"MissingAuthenticationToken", 403},
					[ERRORS_OF_JSON] = {"MissingAuthenticationTokenException",
							    400}},
	[REFUSE_CREDENTIALS_INVALID] = {{"AuthFailure", 401},
					{"InvalidClientTokenId", 403},
					[ERRORS_OF_JSON] = {"UnrecognizedClientException", 400}},
	[REFUSE_SIGNATURE_INCOMPLETE] = {{"IncompleteSignature", 400},
					 [ERRORS_OF_JSON] = {"IncompleteSignatureException", 400}},
	[REFUSE_SIGNATURE_MISMATCH] = {{"AuthFailure", 401},
				       {"SignatureDoesNotMatch", 403},
				       [ERRORS_OF_JSON] = {"InvalidSignatureException", 400}},
	[REFUSE_REQUEST_EXPIRED] = {{"RequestExpired", 400},
				    {"SignatureDoesNotMatch", 403},
				    [ERRORS_OF_JSON] = {"InvalidSignatureException", 400}},
	[REFUSE_TOKEN_EXPIRED] = {{"RequestExpired", 400},
				  {"ExpiredToken", 403},
				  [ERRORS_OF_JSON] = {"ExpiredTokenException", 400}},
	[REFUSE_POLICY_MALFORMED] = {{"MalformedPolicyDocument", 400}},
	[REFUSE_POLICY_TOO_LARGE] = {{"LimitExceeded", 409}},
	[REFUSE_NOT_PERMITTED] = {{"UnauthorizedOperation", 403},
				  {"AccessDenied", 403},
				  [ERRORS_OF_JSON] = {"AccessDeniedException", 400}},
	[REFUSE_HOST_REVOKED] = {{HOST_REVOKED_CODE, 403}},
	[REFUSE_ENROLMENT_INVALID] = {{"InvalidTrafficMirrorHostEnrolmentCode", 403}},

	[REFUSE_INTERFACE_NOT_FOUND] = {{"InvalidNetworkInterfaceID.NotFound", 400}},
	[REFUSE_TARGET_INTERFACE_NOT_FOUND] = {{"InvalidTrafficMirrorTargetNoFound", 400}},
	[REFUSE_INSTANCE_NOT_FOUND] = {{"InvalidInstanceID.NotFound", 400}},
	[REFUSE_VPC_NOT_FOUND] = {{"InvalidVpcID.NotFound", 400}},
	[REFUSE_SUBNET_NOT_FOUND] = {{"InvalidSubnetID.NotFound", 400},
				     {},
				     {"SubnetNotFound", 400}},
	[REFUSE_REGION_NOT_FOUND] = {{"InvalidParameterValue", 400}},
	[REFUSE_ZONE_NOT_FOUND] = {{"InvalidParameterValue", 400}},
	[REFUSE_PREFIX_LIST_NOT_FOUND] = {{"InvalidPrefixListID.NotFound", 400}},
	[REFUSE_FILTER_NOT_FOUND] = {{"InvalidTrafficMirrorFilterId.NotFound", 400}},
	[REFUSE_FILTER_RULE_NOT_FOUND] = {{"InvalidTrafficMirrorFilterRuleId.NotFound", 400}},
	[REFUSE_TARGET_NOT_FOUND] = {{"InvalidTrafficMirrorTargetId.NotFound", 400}},
	[REFUSE_SESSION_NOT_FOUND] = {{"InvalidTrafficMirrorSessionId.NotFound", 400}},
	[REFUSE_SELECTOR_NOT_FOUND] = {{"InvalidTrafficMirrorSelectorId.NotFound", 400}},
	[REFUSE_LOAD_BALANCER_NOT_FOUND] = {{"NetworkLoadBalancerNotFoundException", 400},
					    {},
					    {"LoadBalancerNotFound", 400}},
	[REFUSE_ENDPOINT_NOT_FOUND] = {{"InvalidVpcEndpointId.NotFound", 400}},
	[REFUSE_ENDPOINT_GONE] = {{"InvalidVpcEndpoint.NotFound", 400}},
	[REFUSE_ENDPOINT_SERVICE_NOT_FOUND] = {{"InvalidVpcEndpointServiceId.NotFound", 400}},
	[REFUSE_ENDPOINT_SERVICE_GONE] = {{"InvalidVpcEndpointService.NotFound", 400}},
	[REFUSE_SERVICE_NAME] = {{"InvalidServiceName", 400}},
	[REFUSE_HOST_NOT_FOUND] = {{"InvalidTrafficMirrorHostName.NotFound", 400}},
	[REFUSE_HOST_KEY_NOT_FOUND] = {{"InvalidTrafficMirrorHostKeyId.NotFound", 400}},
	[REFUSE_ENROLMENT_NOT_FOUND] = {{"InvalidTrafficMirrorHostEnrolmentId.NotFound", 400}},
	[REFUSE_PEEK_NOT_FOUND] = {{"InvalidTrafficMirrorPeek.NotFound", 400}},
	[REFUSE_GROUP_NOT_FOUND] = {{"InvalidGroup.NotFound", 400},
				    {},
				    {"InvalidSecurityGroup", 400}},

	[REFUSE_LISTENER_NOT_FOUND] = {{"ListenerNotFound", 400}},
	[REFUSE_TARGET_GROUP_NOT_FOUND] = {{"TargetGroupNotFound", 400}},
	[REFUSE_ALLOCATION_NOT_FOUND] = {{"AllocationIdNotFound", 400}},
	[REFUSE_BALANCER_NAME_TAKEN] = {{"DuplicateLoadBalancerName", 400}},
	[REFUSE_TARGET_GROUP_NAME_TAKEN] = {{"DuplicateTargetGroupName", 400}},
	[REFUSE_LISTENER_EXISTS] = {{"DuplicateListener", 400}},
	[REFUSE_CONFIGURATION] = {{"InvalidConfigurationRequest", 400}},
	[REFUSE_SCHEME] = {{"InvalidScheme", 400}},
	[REFUSE_MEMBER_INVALID] = {{"InvalidTarget", 400}},
	[REFUSE_PROTOCOL] = {{"UnsupportedProtocol", 400}},
	[REFUSE_PROTOCOLS_DIFFER] = {{"IncompatibleProtocols", 400}},
	[REFUSE_OPERATION] = {{"OperationNotPermitted", 400}},
	[REFUSE_RESOURCE_IN_USE] = {{"ResourceInUse", 400}},
	[REFUSE_TAG_KEY_TWICE] = {{"InvalidParameterValue", 400}, {}, {"DuplicateTagKeys", 400}},

	[REFUSE_ENTITY_NOT_FOUND] = {{"NoSuchEntity", 404}},
	[REFUSE_ENTITY_EXISTS] = {{"EntityAlreadyExists", 409}},
	[REFUSE_ENTITY_IN_USE] = {{"DeleteConflict", 409}},
	[REFUSE_ENTITY_LIMIT] = {{"LimitExceeded", 409}},

	[REFUSE_INTERFACE_NOT_SUPPORTED] = {{"NetworkInterfaceNotSupported", 400}},
	[REFUSE_ENDPOINT_SERVICE_IN_USE] = {{"ExistingVpcEndpointConnections", 400}},
	[REFUSE_ENDPOINT_STATE] = {{"InvalidState", 400}},
	[REFUSE_BALANCER_IS_TARGET] = {{"NlbInUseByTrafficMirrorTargetException", 400}},
	[REFUSE_ENDPOINT_IS_TARGET] = {{"VpcEndpointInUseByTrafficMirrorTargetException", 400}},
	[REFUSE_INTERFACE_IS_SOURCE] = {{"InterfaceInUseByTrafficMirrorSession", 400}},
	[REFUSE_INTERFACE_IS_TARGET] = {{"InterfaceInUseByTrafficMirrorTarget", 400}},
	[REFUSE_ADDRESS_IN_USE] = {{"InvalidIPAddress.InUse", 400}, {}, {"ResourceInUse", 400}},
	[REFUSE_FILTER_IN_USE] = {{"TrafficMirrorFilterInUse", 400}},
	[REFUSE_TARGET_IN_USE] = {{"TrafficMirrorTargetInUseException", 400}},
	[REFUSE_RULE_NUMBER_TAKEN] = {{"TrafficMirrorFilterRuleAlreadyExists", 400}},
	[REFUSE_SESSION_NUMBER_TAKEN] = {{"InvalidParameterValue", 400}},
	[REFUSE_HOST_IN_USE] = {{"TrafficMirrorHostInUse", 400}},
	[REFUSE_HOST_ENROLLED] = {{"TrafficMirrorHostAlreadyEnrolled", 400}},
	[REFUSE_INVENTORY_WANTED] = {{"IncorrectState", 409}},

	[REFUSE_SESSION_LIMIT] = {{"TrafficMirrorSessionLimitExceeded", 400}},
	[REFUSE_SESSIONS_PER_HOST_LIMIT] = {{"TrafficMirrorSessionLimitExceeded", 400}},
	[REFUSE_SESSIONS_PER_SOURCE_LIMIT] = {{"TrafficMirrorSessionsPerInterfaceLimitExceeded",
					       400}},
	[REFUSE_SOURCES_PER_TARGET_LIMIT] = {{"TrafficMirrorSourcesPerTargetLimitExceeded", 400}},
	[REFUSE_TARGET_LIMIT] = {{"TrafficMirrorTargetLimitExceeded", 400}},
	[REFUSE_FILTER_LIMIT] = {{"TrafficMirrorFilterLimitExceeded", 400}},
	[REFUSE_SELECTOR_LIMIT] = {{"TrafficMirrorSelectorLimitExceeded", 400}},
	[REFUSE_FILTER_RULE_LIMIT] = {{"TrafficMirrorFilterRuleLimitExceeded", 400}},
	[REFUSE_ENDPOINT_SERVICE_LIMIT] = {{"VpcEndpointServiceLimitExceeded", 400}},
	[REFUSE_ENDPOINT_LIMIT] = {{"VpcEndpointLimitExceeded", 400}},
	[REFUSE_INTERFACE_LIMIT] = {{"NetworkInterfaceLimitExceeded", 400}},
	[REFUSE_HOST_KEY_LIMIT] = {{"TrafficMirrorHostKeyLimitExceeded", 400}},
	[REFUSE_ENROLMENT_LIMIT] = {{"TrafficMirrorHostEnrolmentLimitExceeded", 400}},
	[REFUSE_TAG_LIMIT] = {{"TagLimitExceeded", 400}, {}, {"TooManyTags", 400}},
	[REFUSE_PEEK_LIMIT] = {{"TrafficMirrorPeekLimitExceeded", 400}},
	[REFUSE_NETWORK_BALANCER_LIMIT] = {{"TooManyLoadBalancers", 400}},
	[REFUSE_GATEWAY_BALANCER_LIMIT] = {{"TooManyLoadBalancers", 400}},
	[REFUSE_LISTENER_LIMIT] = {{"TooManyListeners", 400}},
	[REFUSE_TARGET_GROUP_LIMIT] = {{"TooManyTargetGroups", 400}},
	[REFUSE_MEMBER_LIMIT] = {{"TooManyTargets", 400}},
	[REFUSE_GROUP_ASSOCIATION_LIMIT] = {{"TargetGroupAssociationLimit", 400}},

	[REFUSE_LOOKUP_ATTRIBUTES] = {{"InvalidLookupAttributesException", 400}},
	[REFUSE_LOOKUP_TIME_RANGE] = {{"InvalidTimeRangeException", 400}},
	[REFUSE_LOOKUP_MAX_RESULTS] = {{"InvalidMaxResultsException", 400}},
	[REFUSE_LOOKUP_CATEGORY] = {{"InvalidEventCategoryException", 400}},

	[REFUSE_TOO_MANY_REQUESTS] = {{"RequestLimitExceeded", 503},
				      {"Throttling", 400},
				      [ERRORS_OF_JSON] = {"ThrottlingException", 400}},
	[REFUSE_UNAVAILABLE] = {{"Unavailable", 503},
				{"ServiceUnavailable", 503},
				[ERRORS_OF_JSON] = {"ServiceUnavailableException", 503}},
	[REFUSE_INTERNAL] = {{"InternalError", 500}, {"InternalFailure", 500}},
};

_Static_assert(ARRAY_SIZE(rows) == REFUSAL_CODE_COUNT, "every refusal has a name");

static void write_ec2(struct text *xml, const struct error_name *error, const char *message,
		      const char *request_id);
static void write_sts(struct text *xml, const struct service *service,
		      const struct error_name *error, const char *message, const char *request_id);

struct error_name error_find(int code, const struct service *service)
{
	unsigned int column = service ? service->errors : ERRORS_OF_EC2;

	if (code < 0 || code >= REFUSAL_CODE_COUNT || !rows[code][ERRORS_OF_EC2].name)
		code = REFUSE_INTERNAL;
	while (column > ERRORS_OF_EC2 && !rows[code][column].name)
		column--;
	return rows[code][column];
}

void error_write(struct text *xml, const struct service *service, const struct error_name *error,
		 const char *message, const char *request_id)
{
	text_append(xml, XML_DECLARATION);
	if (service && service->wraps_result)
		write_sts(xml, service, error, message, request_id);
	else
		write_ec2(xml, error, message, request_id);
}

void error_write_json(struct text *json, const struct error_name *error, const char *message)
{
	json_open(json, NULL, '{');
	json_text(json, "__type", error->name);
	json_text(json, "message", message);
	json_close(json, '}');
}

/* The id's element is "RequestID" here and "requestId" in answers. */
static void write_ec2(struct text *xml, const struct error_name *error, const char *message,
		      const char *request_id)
{
	xml_open(xml, "Response");
	xml_open(xml, "Errors");
	xml_open(xml, "Error");
	xml_text(xml, "Code", error->name);
	xml_text(xml, "Message", message);
	xml_close(xml, "Error");
	xml_close(xml, "Errors");
	xml_text(xml, "RequestID", request_id);
	xml_close(xml, "Response");
}

static void write_sts(struct text *xml, const struct service *service,
		      const struct error_name *error, const char *message, const char *request_id)
{
	text_printf(xml, "<ErrorResponse xmlns=\"%s\">", service->namespace);
	xml_open(xml, "Error");
	xml_text(xml, "Type", error->status < 500 ? "Sender" : "Receiver");
	xml_text(xml, "Code", error->name);
	xml_text(xml, "Message", message);
	xml_close(xml, "Error");
	xml_text(xml, "RequestId", request_id);
	xml_close(xml, "ErrorResponse");
}
