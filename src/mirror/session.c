// SPDX-License-Identifier: Apache-2.0
#include "mirror/session.h"

#include "mirror/refusals.h"
#include "mirror/tag.h"

int session_validate(const struct session *session, struct refusal *why)
{
	if (session->number < 1 || session->number > SESSION_NUMBER_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The session number %u is not between 1 and %d", session->number,
			      SESSION_NUMBER_MAX);
	if (session->vni > VNI_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The virtual network id %u is not between 0 and %d", session->vni,
			      VNI_MAX);
	if (session->packet_length > PACKET_LENGTH_MAX)
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The packet length %u is not between 1 and %d",
			      session->packet_length, PACKET_LENGTH_MAX);
	if (!text_is_presentable(session->description, DESCRIPTION_LENGTH_MAX))
		return refuse(why, REFUSE_PARAMETER_VALUE,
			      "The description is longer than %d characters, or not plain text",
			      DESCRIPTION_LENGTH_MAX);
	return 0;
}
