// SPDX-License-Identifier: Apache-2.0
#include "ship/train.h"

uint32_t train_gather(const struct train *train, uint8_t ret_bytes[TRAIN_SIZE_MAX])
{
	uint32_t size = 0;

	for (unsigned int i = 0; i < train->piece_count; i++) {
		memcpy(ret_bytes + size, train->pieces[i].iov_base, train->pieces[i].iov_len);
		size += (uint32_t)train->pieces[i].iov_len;
	}
	return size;
}

unsigned int train_get_copy(const struct train *train, unsigned int index, uint32_t size,
			    struct iovec ret_pieces[TRAIN_COPY_PIECES])
{
	const struct passenger *passenger = &train->passengers[index];
	size_t offset = passenger->offset, left = size;
	unsigned int count = 0;

	for (uint32_t piece = passenger->piece; left > 0; piece++, offset = 0) {
		size_t part = MIN(left, train->pieces[piece].iov_len - offset);

		ret_pieces[count++] = (struct iovec){
			.iov_base = (uint8_t *)train->pieces[piece].iov_base + offset,
			.iov_len = part,
		};
		left -= part;
	}
	return count;
}
