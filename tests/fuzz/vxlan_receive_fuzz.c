// SPDX-License-Identifier: Apache-2.0
/* Whatever arrives at the receiver's port: what is taken lies within the datagram, and its block is as long as it says. */
#include "base/text.h"
#include "cli/decapsulate.h"
#include "cli/pcapng.h"
#include "fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_text_ struct text block = {};
	struct frame frame;
	uint32_t length;

	if (!tunnel_decapsulate(data, size, &frame))
		return 0;
	require(frame.bytes >= data && frame.bytes + frame.size <= data + size);
	require(frame.vni <= 0xffffff);
	require(frame_original_length(&frame) >= frame.size);
	pcapng_append_packet(&block, &frame, 0);
	require(!block.failed && block.length % 4 == 0 && block.length > frame.size);
	memcpy(&length, block.data + 4, sizeof(length));
	require(length == block.length);
	return 0;
}
